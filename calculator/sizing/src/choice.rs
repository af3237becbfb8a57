//! Inputs that are one of a few words.

/// One word an input can be, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The word in scenarios, flags and permalinks.
    pub word: &'static str,
    /// What it means, for people.
    pub meaning: &'static str,
}

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal, $meaning:literal;)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(
                #[doc = concat!("`", $meaning, "`")]
                $variant,
            )+
        }

        impl $name {
            /// Every word, in the order to show them.
            pub const CHOICES: &'static [Choice] = &[$(Choice { word: $word, meaning: $meaning }),+];

            /// The word for this choice.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The choice for a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    )+};
}

choices! {
    /// What stands between the application and the database.
    Pooler {
        None = "none", "none: the application connects directly";
        PgBouncer = "pgbouncer", "PgBouncer";
    }
    /// How long a client keeps a server connection.
    PoolMode {
        Session = "session", "session: until the client disconnects";
        Transaction = "transaction", "transaction: until the transaction ends";
        Statement = "statement", "statement: until the statement ends";
    }
    /// `PgBouncer`'s version, ordered.
    PoolerVersion {
        V1_18 = "1.18", "1.18 or older";
        V1_19 = "1.19", "1.19";
        V1_20 = "1.20", "1.20";
        V1_21 = "1.21", "1.21";
        V1_22 = "1.22", "1.22";
        V1_23 = "1.23", "1.23";
        V1_24 = "1.24", "1.24";
        V1_25 = "1.25", "1.25 or newer";
    }
    /// How the application uses prepared statements.
    PreparedStatements {
        None = "none", "none";
        Protocol = "protocol", "in the protocol, as most drivers do";
        Sql = "sql", "by SQL PREPARE and EXECUTE";
    }
    /// `PostgreSQL`'s major version, ordered.
    PgVersion {
        V14 = "14", "14";
        V15 = "15", "15";
        V16 = "16", "16";
        V17 = "17", "17";
        V18 = "18", "18";
    }
    /// What is sized.
    System {
        Database = "database", "a PostgreSQL database";
        SecretStore = "secret-store", "a Vault-like secret store";
        Both = "both", "a database and a secret store";
    }
    /// How a table is divided by time.
    Partitioning {
        None = "none", "one table";
        Monthly = "monthly", "PostgreSQL partitions, one a month";
        Hypertable = "hypertable", "TimescaleDB hypertable";
    }
    /// How far two places are from each other, by what a round trip takes.
    Distance {
        SameRegion = "same-region", "same region: below 5 ms";
        CrossRegion = "cross-region", "another region of the continent: 20–50 ms";
        CrossContinent = "cross-continent", "another continent: 100–200 ms";
    }
    /// A secret store's edition: whether its standbys answer reads themselves.
    Edition {
        VaultCommunity = "vault-community", "Vault Community: standbys forward every request";
        VaultEnterprise = "vault-enterprise", "Vault Enterprise: performance standbys serve reads";
        OpenBao = "openbao", "OpenBao 2.5 or newer: standbys serve reads";
        OpenBaoBefore = "openbao-2.4", "OpenBao 2.4 or older: standbys forward every request";
    }
    /// How changes reach the standby that takes over.
    Replication {
        None = "none", "none: snapshots or backups only";
        Async = "async", "asynchronous: after the commit";
        Sync = "sync", "synchronous: one standby confirms every commit";
        Quorum = "quorum", "quorum: any of several standbys confirm every commit";
    }
    /// Where the standby that takes over stands.
    Place {
        SameZone = "same-zone", "in the same zone";
        OtherZone = "other-zone", "in another zone of the region";
        OtherRegion = "other-region", "in another region";
    }
    /// Who decides that a standby takes over.
    Promotion {
        Manual = "manual", "a person";
        Automatic = "automatic", "software, such as Patroni or the router";
    }
    /// What a query looks for.
    QueryPattern {
        Equality = "equality", "rows with one value: =";
        Range = "range", "rows between two values: >= and <";
        Prefix = "prefix", "texts that begin with something: LIKE 'abc%'";
        Substring = "substring", "texts that contain something: LIKE '%abc%'";
        CaseInsensitive = "case-insensitive", "a text in any case: lower(…) =";
        FullText = "full-text", "words of a text";
        JsonContainment = "json-containment", "what a JSON document contains: @>";
        JsonKey = "json-key", "one key of a JSON document: ->> … =";
        Partial = "partial", "the few rows in a state, such as active ones";
        TimeRange = "time-range", "a day or a week of a table written in order of time";
        SortLimit = "sort-limit", "the newest so many: ORDER BY … LIMIT";
        Join = "join", "rows of another table: JOIN, EXISTS";
        Count = "count", "how many rows there are: count(*)";
    }
    /// What the database's files lie on.
    Disk {
        Hdd = "hdd", "hard disks";
        Ssd = "ssd", "SSD";
        Nvme = "nvme", "NVMe";
        San = "san", "storage network";
    }
    /// What the database mostly does.
    Workload {
        Web = "web", "web application: many short queries";
        Oltp = "oltp", "transactions: many short writes";
        Warehouse = "warehouse", "warehouse: few large queries";
        Desktop = "desktop", "desktop: a developer's machine";
        Mixed = "mixed", "short and large queries";
    }
    /// Yes or no.
    Flag {
        No = "no", "no";
        Yes = "yes", "yes";
    }
}
