//! Index and query advice: for a pattern, the index, the query and the reason.

use crate::choice::QueryPattern;
use crate::source::Source;
use crate::strategy::statement::{self as sql, Statement};

/// What helps a pattern.
#[derive(Debug, Clone, Copy)]
pub struct Advice {
    /// The code of its action.
    pub code: &'static str,
    /// The type of the index.
    pub index_type: &'static str,
    /// What such an index costs, in the words of the documents' overview.
    pub price: &'static str,
    /// The index; `None` where none helps.
    pub index: Option<&'static Statement>,
    /// The query as it uses the index.
    pub query: &'static Statement,
    /// A further rewrite, where there is one.
    pub further: Option<&'static Statement>,
}

const B_TREE: &str = "fast to read, medium to store";
const GIN: &str = "slow to write, fast to read, large";
const BRIN: &str = "very fast to write, very small";
const NONE: &str = "nothing";

/// The advice for a pattern.
#[must_use]
pub const fn advice(pattern: QueryPattern) -> Advice {
    match pattern {
        QueryPattern::Equality => {
            row("strategy.index_equality", "B-tree", B_TREE, &sql::INDEX_EQUALITY, &sql::QUERY_EQUALITY)
        }
        QueryPattern::Range => row("strategy.index_range", "B-tree", B_TREE, &sql::INDEX_RANGE, &sql::QUERY_RANGE),
        QueryPattern::Prefix => {
            row("strategy.index_prefix", "B-tree, text_pattern_ops", B_TREE, &sql::INDEX_PREFIX, &sql::QUERY_PREFIX)
        }
        QueryPattern::Substring => {
            row("strategy.index_substring", "GIN, trigrams", GIN, &sql::INDEX_SUBSTRING, &sql::QUERY_SUBSTRING)
        }
        QueryPattern::CaseInsensitive => row(
            "strategy.index_case_insensitive",
            "B-tree on an expression",
            B_TREE,
            &sql::INDEX_CASE,
            &sql::QUERY_CASE,
        ),
        QueryPattern::FullText => {
            row("strategy.index_full_text", "GIN, words", GIN, &sql::INDEX_WORDS, &sql::QUERY_WORDS)
        }
        QueryPattern::JsonContainment => {
            row("strategy.index_json_containment", "GIN, jsonb_path_ops", GIN, &sql::INDEX_JSON, &sql::QUERY_JSON)
        }
        QueryPattern::JsonKey => row(
            "strategy.index_json_key",
            "B-tree on an expression",
            B_TREE,
            &sql::INDEX_JSON_KEY,
            &sql::QUERY_JSON_KEY,
        ),
        QueryPattern::Partial => {
            row("strategy.index_partial", "B-tree, partial", B_TREE, &sql::INDEX_PARTIAL, &sql::QUERY_PARTIAL)
        }
        QueryPattern::TimeRange => row("strategy.index_time_range", "BRIN", BRIN, &sql::INDEX_TIME, &sql::QUERY_TIME),
        QueryPattern::SortLimit => Advice {
            further: Some(&sql::QUERY_PAGE),
            ..row("strategy.index_sort_limit", "B-tree", B_TREE, &sql::INDEX_SORT, &sql::QUERY_SORT)
        },
        QueryPattern::Join => Advice {
            further: Some(&sql::QUERY_TOTALS),
            ..row("strategy.index_join", "B-tree", B_TREE, &sql::INDEX_JOIN, &sql::QUERY_JOIN)
        },
        QueryPattern::Count => Advice {
            code: "strategy.index_count",
            index_type: "none",
            price: NONE,
            index: None,
            query: &sql::QUERY_ESTIMATE,
            further: Some(&sql::QUERY_COUNT),
        },
    }
}

const fn row(
    code: &'static str,
    index_type: &'static str,
    price: &'static str,
    index: &'static Statement,
    query: &'static Statement,
) -> Advice {
    Advice { code, index_type, price, index: Some(index), query, further: None }
}

/// "Index Types Overview", Database Optimization Guide: type, use, performance, storage, and what to know beyond it.
pub static INDEX_TYPES: [[&str; 5]; 5] = [
    ["B-Tree", "equality, range queries", "fast", "medium", "also serves ORDER BY, IN, IS NULL, and prefixes of text"],
    ["Hash", "equality only", "very fast", "low", "a B-tree is about as fast; it pays for long keys only"],
    ["GIN", "full-text search, JSONB", "slow writes, fast reads", "high", "also trigrams and arrays"],
    ["GiST", "geometric, full-text", "medium", "medium", "also ranges, nearest neighbours, exclusion constraints"],
    ["BRIN", "large tables, sequential data", "very fast writes", "very low", "worthless once rows lie out of order"],
];

/// Where the table stands.
pub const INDEX_TYPES_SOURCE: Source = crate::source::OPTIMIZATION_GUIDE.at("Index Types Overview");
