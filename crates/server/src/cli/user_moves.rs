//! `corridor user alias` and `corridor user move`: older accounts, and going to another one.

use anyhow::{Context, Result};
use corridor_app::{Ctx, Error, accounts, moves};
use corridor_domain::text::Handle;
use serde_json::json;

use super::exit::Exit;
use super::user::{AliasArgs, MoveArgs, done};
use super::{Cli, output, run};
use crate::config::Config;
use crate::wiring;

/// Shows, adds or removes older accounts.
pub(super) async fn alias(cli: &Cli, ctx: &Ctx, config: &Config, args: &AliasArgs) -> Result<Exit> {
    let who = accounts::viewer_by_username(ctx, &args.username).await?.id;
    if let Some(handle) = &args.add {
        wiring::connect(ctx, config).await?;
        moves::add_alias(ctx, &run::operator(), who, &parse(handle)?).await?;
        return Ok(done(
            cli,
            &args.username,
            "alias-added",
            &format!("says that {handle} is an older account of theirs"),
        ));
    }
    let (aliases, moved) = moves::show(ctx, who).await?;
    if let Some(named) = &args.remove {
        let plain = named.trim_start_matches('@');
        let known = aliases.iter().find(|alias| alias.handle == plain || alias.uri == *named);
        let known = known
            .ok_or(Error::NotFound("that older account"))
            .with_context(|| format!("{named} is not among the older accounts of {}", args.username))?;
        moves::remove_alias(ctx, &run::operator(), who, &known.uri).await?;
        return Ok(done(cli, &args.username, "alias-removed", &format!("no longer names {named}")));
    }
    if cli.json {
        let older: Vec<_> = aliases.iter().map(|alias| json!({ "handle": alias.handle, "uri": alias.uri })).collect();
        output::say_json(
            &json!({ "username": args.username, "aliases": older, "moved_to": moved.map(|to| to.handle) }),
        );
        return Ok(Exit::Done);
    }
    let rows: Vec<[String; 2]> = aliases.into_iter().map(|alias| [alias.handle, alias.uri]).collect();
    output::say(output::table(["Older account", "Address"], &rows));
    if let Some(moved) = moved {
        output::say(format_args!("{} has moved to {}", args.username, moved.handle));
    }
    Ok(Exit::Done)
}

/// Moves somebody, or takes that back.
pub(super) async fn go(cli: &Cli, ctx: &Ctx, config: &Config, args: &MoveArgs) -> Result<Exit> {
    let who = accounts::viewer_by_username(ctx, &args.username).await?.id;
    let Some(handle) = args.handle.as_ref().filter(|_| !args.back) else {
        moves::move_back(ctx, &run::operator(), who).await?;
        return Ok(done(cli, &args.username, "moved-back", "publishes here again"));
    };
    wiring::connect(ctx, config).await?;
    let moved = moves::move_away(ctx, &run::operator(), who, &parse(handle)?).await?;
    let words = format!("has moved to {}: peers are told, followers and groups go along", moved.handle);
    Ok(done(cli, &args.username, "moved", &words))
}

fn parse(handle: &str) -> Result<Handle> {
    Handle::parse(handle)
        .map_err(Error::invalid)
        .with_context(|| format!("{handle} is no handle, such as amira@corridor.home.example"))
}
