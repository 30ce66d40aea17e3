use diesel::prelude::*;

use crate::db::Tx;
use crate::db::dialect::insert_many;
use crate::db::schema::recovery_codes;
use crate::error::Result;
use crate::id::Id;

#[derive(Insertable)]
#[diesel(table_name = recovery_codes)]
struct Code {
    account_id: Id,
    code_hash: String,
}

/// Puts these in place of whatever codes the account had.
pub(super) fn replace_codes(tx: &mut Tx<'_>, account: Id, hashes: Vec<String>) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account))).execute(tx.connection)?;
    let codes: Vec<Code> = hashes.into_iter().map(|code_hash| Code { account_id: account, code_hash }).collect();
    insert_many!(&mut *tx.connection, recovery_codes::table, codes);
    Ok(())
}

/// Says whether this call was the one that used it.
pub(super) fn use_code(tx: &mut Tx<'_>, account: Id, hash: &str) -> Result<bool> {
    let now = tx.now();
    let unused = recovery_codes::table.find((account, hash)).filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(unused).set(recovery_codes::used_at.eq(Some(now))).execute(tx.connection)? == 1)
}

pub(super) fn codes_left(tx: &mut Tx<'_>, account: Id) -> Result<i64> {
    let unused =
        recovery_codes::table.filter(recovery_codes::account_id.eq(account)).filter(recovery_codes::used_at.is_null());
    Ok(unused.count().get_result(tx.connection)?)
}
