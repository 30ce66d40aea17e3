use diesel::prelude::*;

use crate::db::Tx;
use crate::db::dialect;
use crate::db::schema::{attempts, known_networks};
use crate::error::Result;
use crate::id::Id;
use crate::time::Instant;

/// Failures in a row, and when the last of them was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub(super) struct Failures {
    pub(super) count: i32,
    pub(super) last: Instant,
}

/// Nobody else counts under this name until the transaction ends.
pub(super) fn alone(tx: &mut Tx<'_>, counter: &str) -> Result<()> {
    Ok(dialect::alone(tx.connection, counter)?)
}

pub(super) fn failures(tx: &mut Tx<'_>, counter: &str) -> Result<Option<Failures>> {
    let query = attempts::table.find(counter).select((attempts::failures, attempts::failed_at));
    Ok(query.get_result(tx.connection).optional()?)
}

pub(super) fn keep(tx: &mut Tx<'_>, counter: &str, failures: Failures) -> Result<()> {
    let values = (attempts::failures.eq(failures.count), attempts::failed_at.eq(failures.last));
    let changed = diesel::update(attempts::table.find(counter)).set(values).execute(tx.connection)?;
    if changed == 0 {
        diesel::insert_into(attempts::table).values((attempts::counter.eq(counter), values)).execute(tx.connection)?;
    }
    Ok(())
}

pub(super) fn forget(tx: &mut Tx<'_>, counter: &str) -> Result<()> {
    diesel::delete(attempts::table.find(counter)).execute(tx.connection)?;
    Ok(())
}

pub(super) fn is_known(tx: &mut Tx<'_>, account: Id, network: &str) -> Result<bool> {
    let found = known_networks::table.find((account, network)).select(known_networks::account_id);
    Ok(found.get_result::<Id>(tx.connection).optional()?.is_some())
}

pub(super) fn know(tx: &mut Tx<'_>, account: Id, network: &str) -> Result<()> {
    let signed_in = known_networks::signed_in_at.eq(tx.now());
    let changed =
        diesel::update(known_networks::table.find((account, network))).set(signed_in).execute(tx.connection)?;
    if changed == 0 {
        diesel::insert_into(known_networks::table)
            .values((known_networks::account_id.eq(account), known_networks::network.eq(network), signed_in))
            .execute(tx.connection)?;
    }
    Ok(())
}

pub(super) fn prune(tx: &mut Tx<'_>, failed_before: Instant, known_before: Instant) -> Result<()> {
    diesel::delete(attempts::table.filter(attempts::failed_at.lt(failed_before))).execute(tx.connection)?;
    let old = known_networks::table.filter(known_networks::signed_in_at.lt(known_before));
    diesel::delete(old).execute(tx.connection)?;
    Ok(())
}
