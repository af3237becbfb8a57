//! Signs for how bad something is: each severity has a shape of its own, so that colour is never the only signal.

use sizing::Severity;

use crate::view::{Drawing, joined};

/// The class that colours what a severity stands beside.
pub(crate) const fn class(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "good",
        Some(Severity::Info) => "info",
        Some(Severity::Warning) => "warning",
        Some(Severity::Error) => "error",
    }
}

/// The word that goes with the sign.
pub(crate) const fn word(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "Good",
        Some(Severity::Info) => "Note",
        Some(Severity::Warning) => "Warning",
        Some(Severity::Error) => "Error",
    }
}

/// The sign: a circle with a tick, a circle, a triangle, an octagon.
pub(crate) fn sign(to: &mut Drawing, severity: Option<Severity>) {
    let (outline, mark) = match severity {
        None => ("M12 2a10 10 0 1 0 0 20a10 10 0 0 0 0-20z", "M7.5 12.5l3 3l6-6.5"),
        Some(Severity::Info) => ("M12 2a10 10 0 1 0 0 20a10 10 0 0 0 0-20z", "M12 11v6M12 7v.4"),
        Some(Severity::Warning) => ("M12 2.5L23 21.5H1z", "M12 9.5v5.2M12 17.8v.4"),
        Some(Severity::Error) => ("M7.8 2h8.4L22 7.8v8.4L16.2 22H7.8L2 16.2V7.8z", "M8.5 8.5l7 7M15.5 8.5l-7 7"),
    };
    to.element(
        "svg",
        &[("class", &joined(&["sign ", class(severity)])), ("viewBox", "0 0 24 24"), ("aria-hidden", "true")],
        |to| {
            to.element("path", &[("class", "sign-shape"), ("d", outline)], |_| {});
            to.element("path", &[("class", "sign-mark"), ("d", mark)], |_| {});
        },
    );
}
