//! Small facts about the node itself, made once and kept.

use diesel::prelude::*;

use crate::schema::node_settings;
use crate::{Result, Tx};

/// The value of a fact.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
    Ok(node_settings::table.find(name).select(node_settings::value).first(tx.conn).optional()?)
}

/// Writes a fact that is not there yet.
///
/// # Errors
/// [`crate::Error::Conflict`] when it is: another process was quicker.
pub fn insert(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<()> {
    diesel::insert_into(node_settings::table)
        .values((node_settings::name.eq(name), node_settings::value.eq(value)))
        .execute(tx.conn)?;
    Ok(())
}
