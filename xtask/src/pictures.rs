//! Pictures of the page for the documentation: every view, taken in the browser by crate `tests`.

use anyhow::Result;

use crate::build::{self, Part};
use crate::paths;
use crate::process::{self, cargo};
use crate::setup::{self, Need};

/// Takes them anew.
///
/// # Errors
/// When something is missing, or the page does not come to be what the pictures are of.
pub fn take() -> Result<()> {
    setup::ensure(&[Part::Page.needs(), &[Need::Browser]].concat())?;
    build::run(&[Part::Page])?;
    let mut command = cargo();
    command.args(["test", "--package", "tests", "--test", "screenshots", "views", "--", "--ignored", "--exact"]);
    command.env("SCREENSHOTS", paths::root().join("docs").join("screenshots"));
    process::check("take the pictures", &mut command)?;
    Ok(())
}
