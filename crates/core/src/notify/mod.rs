//! Messages to staff by mail: an outbox that is written in the transaction of what causes a message.
//!
//! Whoever sends takes a message by [`claim`], hands it to a mail server, and says by [`settle`] what came of it.
//! A claim holds for a while only: when its sender dies, another one tries again. Between the server's yes and our note
//! of it a crash can give a second copy; both carry the same Message-ID, made from the message's id.

mod letter;
mod rules;
mod store;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use letter::Letter;
pub use store::Message;

use crate::access::{Actor, Operation};
use crate::audit::{self, Subject};
use crate::db::Tx;
use crate::error::{Code, Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Email, Label, PersonName, ProvinceCode, words};

words! {
    /// What a message is about.
    pub enum MessageKind {
        /// An account was made, or a link for choosing its first password.
        Invitation = "invitation",
        /// A link for choosing another password.
        PasswordReset = "password_reset",
        /// The account was signed in with from a device it was never used on.
        NewLogin = "new_login",
        /// The password was changed.
        PasswordChanged = "password_changed",
        /// A second factor was set.
        SecondFactorSet = "second_factor_set",
        /// The second factor was taken away.
        SecondFactorRemoved = "second_factor_removed",
        /// A recovery code was used in place of the telephone.
        RecoveryCodeUsed = "recovery_code_used",
        /// An agreement ends soon.
        AgreementEnds = "agreement_ends",
        /// A seat is offered to a person who waits.
        SeatOffered = "seat_offered",
        /// The offer of a seat ended because nobody answered it.
        SeatLapsed = "seat_lapsed",
    }
}

words! {
    /// What became of a message.
    pub enum MessageState {
        /// It waits for its first or next attempt.
        Waiting = "waiting",
        /// A mail server took it.
        Sent = "sent",
        /// It was given up.
        Failed = "failed",
    }
}

/// What the content of a message is sealed for.
const CONTENT: &str = "message";
/// Messages that one run of a sender looks at.
const BATCH: i64 = 20;

/// What a message tells. It is sealed until it is sent and gone afterwards: a link is a secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Choose your first password.
    Invitation {
        /// The secret part of the link.
        token: String,
        /// When the link stops working.
        expires_at: Instant,
    },
    /// Choose another password.
    PasswordReset {
        /// The secret part of the link.
        token: String,
        /// When the link stops working.
        expires_at: Instant,
    },
    /// Somebody signed in from a new device.
    NewLogin {
        /// What the device calls itself.
        device: String,
        /// Its network address.
        address: String,
    },
    /// The password was changed.
    PasswordChanged {
        /// From which network address.
        address: String,
    },
    /// A second factor was set.
    SecondFactorSet {
        /// From which network address.
        address: String,
    },
    /// The second factor was taken away.
    SecondFactorRemoved {
        /// From which network address.
        address: String,
    },
    /// A recovery code was used in place of the telephone.
    RecoveryCodeUsed {
        /// From which network address.
        address: String,
        /// How many are left.
        left: i64,
    },
    /// An agreement ends soon.
    AgreementEnds {
        /// Its number.
        number: Label,
        /// With whom it is.
        partner: Label,
        /// The last day it holds.
        last_day: NaiveDate,
        /// Days until then.
        days_left: i64,
    },
    /// A seat is offered to a person who waits. The person is not named.
    SeatOffered {
        /// The registration.
        enrollment: Id,
        /// Of which program.
        program: String,
        /// The class.
        class: Label,
        /// Where it is.
        host: Label,
        /// The last day on which it can be answered.
        last_day: NaiveDate,
    },
    /// Nobody answered the offer of a seat in time, and it has passed on. The person is not named.
    SeatLapsed {
        /// The registration.
        enrollment: Id,
        /// Of which program.
        program: String,
        /// The class.
        class: Label,
        /// Where it is.
        host: Label,
        /// The last day on which it could be answered.
        last_day: NaiveDate,
    },
}

impl Notice {
    /// What it is about.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Invitation { .. } => MessageKind::Invitation,
            Self::PasswordReset { .. } => MessageKind::PasswordReset,
            Self::NewLogin { .. } => MessageKind::NewLogin,
            Self::PasswordChanged { .. } => MessageKind::PasswordChanged,
            Self::SecondFactorSet { .. } => MessageKind::SecondFactorSet,
            Self::SecondFactorRemoved { .. } => MessageKind::SecondFactorRemoved,
            Self::RecoveryCodeUsed { .. } => MessageKind::RecoveryCodeUsed,
            Self::AgreementEnds { .. } => MessageKind::AgreementEnds,
            Self::SeatOffered { .. } => MessageKind::SeatOffered,
            Self::SeatLapsed { .. } => MessageKind::SeatLapsed,
        }
    }

    fn expires_at(&self) -> Option<Instant> {
        match self {
            Self::Invitation { expires_at, .. } | Self::PasswordReset { expires_at, .. } => Some(*expires_at),
            Self::NewLogin { .. }
            | Self::PasswordChanged { .. }
            | Self::SecondFactorSet { .. }
            | Self::SecondFactorRemoved { .. }
            | Self::RecoveryCodeUsed { .. }
            | Self::AgreementEnds { .. }
            | Self::SeatOffered { .. }
            | Self::SeatLapsed { .. } => None,
        }
    }
}

/// A message in the hands of its sender.
pub struct Outgoing {
    /// The message.
    pub id: Id,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// Whom it goes to.
    pub to: Email,
    /// The person's name.
    pub name: PersonName,
    /// When it was caused.
    pub created_at: Instant,
    province: Option<ProvinceCode>,
    notice: Notice,
}

impl Outgoing {
    /// What the person reads; links lead to `public_url`.
    pub fn letter(&self, public_url: &str) -> Letter {
        letter::write(&self.notice, &self.name, self.created_at, self.province.as_ref(), public_url)
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// A mail server took it.
    Done,
    /// It may go better later.
    Later(&'static Code),
    /// It will not.
    Never(&'static Code),
}

/// Puts a message to the holder of an account into the outbox, in the transaction of what causes it.
pub(crate) fn queue(tx: &mut Tx<'_>, account: Id, notice: &Notice) -> Result<()> {
    let plain = serde_json::to_vec(notice).map_err(Error::storage)?;
    let message = Message {
        id: tx.new_id(),
        account_id: account,
        kind: notice.kind(),
        state: MessageState::Waiting,
        content: Some(tx.keys().seal(CONTENT, &plain, tx.entropy())?),
        attempts: 0,
        next_attempt_at: tx.now(),
        expires_at: notice.expires_at(),
        error: None,
        created_at: tx.now(),
        sent_at: None,
    };
    store::insert(tx, &message)
}

/// How many links the account was sent since then.
pub(crate) fn links_since(tx: &mut Tx<'_>, account: Id, since: Instant) -> Result<i64> {
    store::links_since(tx, account, since)
}

/// The messages that are due, the longest waiting first, as many as one run of a sender looks at.
pub fn due(tx: &mut Tx<'_>) -> Result<Vec<Id>> {
    store::due(tx, BATCH)
}

/// Takes a due message, for as long as the lease lasts. Of several senders one gets it; the others get nothing, and so
/// does everyone when it can no longer be sent.
pub fn claim(tx: &mut Tx<'_>, id: Id) -> Result<Option<Outgoing>> {
    if !store::claim(tx, id, tx.now().plus(rules::LEASE))? {
        return Ok(None);
    }
    let (message, to, name, province) = store::with_recipient(tx, id)?;
    if message.expires_at.is_some_and(|end| end <= tx.now()) {
        store::give_up(tx, id, &codes::MAIL_EXPIRED)?;
        return Ok(None);
    }
    let sealed = message.content.unwrap_or_default();
    let Ok(plain) = tx.keys().open(CONTENT, &sealed) else {
        store::settle(tx, id, message.attempts, rules::Next::Failed { error: &codes::KEYS_WRONG })?;
        return Ok(None);
    };
    let notice = serde_json::from_slice(&plain).map_err(Error::storage)?;
    let (attempt, created_at) = (message.attempts, message.created_at);
    Ok(Some(Outgoing { id, attempt, to, name, created_at, province, notice }))
}

/// Notes what came of an attempt, unless another sender has taken the message since.
pub fn settle(tx: &mut Tx<'_>, id: Id, attempt: i32, delivery: Delivery) -> Result<()> {
    store::settle(tx, id, attempt, rules::next(delivery, attempt, tx.now()))
}

/// A message as it is shown: whom it went to, masked, and what became of it; never what it says.
#[derive(Debug, Clone)]
pub struct Sending {
    /// The message.
    pub message: Message,
    /// The address it goes to, masked.
    pub to: String,
}

impl Sending {
    fn new((message, to): (Message, Email)) -> Self {
        Self { message, to: to.masked() }
    }
}

/// Which messages are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct MessageFilter {
    /// Only those of this kind.
    pub kind: Option<MessageKind>,
    /// Only those in this state.
    pub state: Option<MessageState>,
}

/// Messages to the accounts in the actor's scope, oldest first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: MessageFilter, page: PageRequest) -> Result<Page<Sending>> {
    actor.may(Operation::MessageRead)?;
    Ok(store::visible(tx, actor, filter, page)?.map(Sending::new))
}

/// Sends a message again that was given up.
///
/// # Errors
/// `message.not_failed`, `mail.expired` when its link no longer works.
pub fn retry(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Sending> {
    actor.may(Operation::MessageRetry)?;
    store::visible_one(tx, actor, id)?;
    let message = store::locked(tx, id)?;
    if message.state != MessageState::Failed {
        return Err(Error::new(&codes::MESSAGE_NOT_FAILED).fact("state", message.state));
    }
    if message.content.is_none() || message.expires_at.is_some_and(|end| end <= tx.now()) {
        return Err(Error::new(&codes::MAIL_EXPIRED));
    }
    store::wait_again(tx, id)?;
    let sending = Sending::new(store::visible_one(tx, actor, id)?);
    let facts = serde_json::json!({ "kind": message.kind });
    audit::record(tx, actor, "message.retried", Subject::message(id), actor.scope().province(), &facts)?;
    Ok(sending)
}
