//! Server-rendered pages: what people without an app use.

pub mod assets;
pub mod views;
