//! The routing playground.
mod city;
mod condition;
mod link;
mod preset;
mod random;
mod simulation;
mod tally;
mod timeline;
