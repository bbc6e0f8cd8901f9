//! Pictures and files: hostile ones, who may see them, and how they cross from node to node.

mod crossing;
mod hostile;
mod links;
mod pages;
mod portraits;
pub mod samples;
mod uploads;
