//! The published sizing classes of a secret store's nodes.

use crate::quantity::{Bytes, Count, Ratio, approximate};
use crate::source::{Source, VAULT};

/// Where the classes stand.
pub const CLASSES_SOURCE: Source = VAULT.at("Validated designs, detailed design, sizing");

/// A class of machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// Its name and size, for people.
    pub name: &'static str,
    /// Most cores of the class.
    pub cores: Count,
    /// Most memory of the class.
    pub memory: Bytes,
}

/// The classes, the smallest first.
pub static CLASSES: [Class; 2] = [
    Class {
        name: "small: 2–4 cores, 8–16 GB, 100 GB, 3,000 IOPS, 75 MB/s", cores: Count(4), memory: Bytes::gib(16)
    },
    Class {
        name: "large: 4–8 cores, 32–64 GB, 200 GB, 10,000 IOPS, 250 MB/s",
        cores: Count(8),
        memory: Bytes::gib(64),
    },
];

/// The smallest class with so many cores and so much memory.
#[must_use]
pub fn class_for(cores: Ratio, memory: Bytes) -> Option<&'static Class> {
    CLASSES.iter().find(|class| cores.get() <= approximate(class.cores.get()) && memory <= class.memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_class_that_is_enough() {
        let rows: &[(f64, u64, Option<&str>, &str)] = &[
            (2.2, 1, Some("small"), "little of both"),
            (4.0, 16, Some("small"), "all of it"),
            (4.1, 1, Some("large"), "more cores"),
            (1.0, 17, Some("large"), "more memory"),
            (8.1, 1, None, "above the largest"),
        ];
        for (cores, gib, class, reason) in rows {
            let found = class_for(Ratio::new(*cores), Bytes::gib(*gib));
            assert_eq!(found.and_then(|found| found.name.split(':').next()), *class, "{reason}");
        }
    }
}
