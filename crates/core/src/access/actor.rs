//! Who acts, from where, and how far the actor's eyes and hands reach.

use std::fmt;

use chrono::Duration;

use super::permission::{Operation, Role};
use super::store::{Account, Holder};
use crate::db::Reach;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::time::Instant;
use crate::values::{Label, ProvinceCode, RegencyCode};

/// How long a login that was confirmed may do sensitive acts.
pub(super) const CONFIRMED_FOR: Duration = Duration::minutes(10);

/// Where an act comes from, for the audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The request's id, as the answer and the log carry it.
    pub request_id: String,
    /// The network address.
    pub address: String,
    /// What the client calls itself.
    pub device: String,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A signed-in member of staff.
    Staff {
        /// The account.
        account: Id,
        /// The login, once there is one.
        login: Option<Id>,
        /// The role of the account.
        role: Role,
    },
    /// A program with a service token, in the name of whoever made it.
    Machine {
        /// The account that made the token.
        account: Id,
        /// Its role.
        role: Role,
        /// The token.
        machine: Machine,
    },
    /// The person at the machine's own command line.
    Operator,
}

/// A program that acts by a service token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The token.
    pub token: Id,
    /// What the token is for.
    pub name: Label,
    /// What it may do, of what its maker may.
    pub operations: Vec<Operation>,
    /// Whether its use has not been noted for a while.
    pub use_is_due: bool,
}

/// How far an actor reaches, down the tree of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All provinces.
    Everything,
    /// One province.
    Province(ProvinceCode),
    /// One regency of a province.
    Regency(ProvinceCode, RegencyCode),
    /// One school: its own students, wherever they learn.
    School(ProvinceCode, Id),
    /// One partner: its own classes and those who sit in them.
    Partner(ProvinceCode, Id),
    /// The classes an instructor is assigned to.
    Instructor(ProvinceCode, Id),
}

impl Scope {
    /// The province the scope lies in, if it is one.
    pub fn province(&self) -> Option<&ProvinceCode> {
        match self {
            Self::Everything => None,
            Self::Province(province)
            | Self::Regency(province, _)
            | Self::School(province, _)
            | Self::Partner(province, _)
            | Self::Instructor(province, _) => Some(province),
        }
    }

    /// Whether it reaches into that province at all.
    pub fn reaches(&self, province: &ProvinceCode) -> bool {
        self.province().is_none_or(|own| own == province)
    }
}

/// As the audit names it.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("everything"),
            Self::Province(province) => write!(f, "province {}", province.as_str()),
            Self::Regency(_, regency) => write!(f, "regency {}", regency.as_str()),
            Self::School(_, school) => write!(f, "school {school}"),
            Self::Partner(_, partner) => write!(f, "partner {partner}"),
            Self::Instructor(_, account) => write!(f, "instructor {account}"),
        }
    }
}

/// Who acts, with what role, how far, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    who: Who,
    scope: Scope,
    partner: Option<Id>,
    origin: Origin,
    confirmed_at: Option<Instant>,
}

impl Actor {
    /// The holder of an account.
    pub fn of(holder: &Holder, login: Option<Id>, origin: Origin) -> Self {
        Self {
            who: Who::Staff { account: holder.id, login, role: holder.role },
            scope: holder.scope(),
            partner: holder.partner_id,
            origin,
            confirmed_at: None,
        }
    }

    /// The same, once the person has shown that it is they.
    #[must_use]
    pub(super) fn confirmed_at(self, confirmed_at: Option<Instant>) -> Self {
        Self { confirmed_at, ..self }
    }

    /// A program in the name of an account.
    pub(super) fn machine(account: &Account, machine: Machine, origin: Origin) -> Self {
        let who = Who::Machine { account: account.id, role: account.role, machine };
        Self { who, ..Self::of(&account.holder(), None, origin) }
    }

    /// The person at the machine's own command line, who may do everything.
    pub fn operator() -> Self {
        Self {
            who: Who::Operator,
            scope: Scope::Everything,
            partner: None,
            origin: Origin { request_id: String::new(), address: "local".to_owned(), device: "vokasi".to_owned() },
            confirmed_at: None,
        }
    }

    /// Whether the permission table allows it.
    ///
    /// # Errors
    /// `access.denied`.
    pub fn may(&self, operation: Operation) -> Result<()> {
        match &self.who {
            Who::Operator => Ok(()),
            Who::Staff { role, .. } if operation.allowed(*role) => Ok(()),
            Who::Machine { role, machine, .. }
                if operation.allowed(*role) && machine.operations.contains(&operation) =>
            {
                Ok(())
            }
            Who::Staff { .. } | Who::Machine { .. } => Err(Error::new(&codes::ACCESS_DENIED)),
        }
    }

    /// Whether the person has shown within the last ten minutes that it is they; sensitive acts ask for it beside
    /// [`Actor::may`].
    ///
    /// # Errors
    /// `access.confirmation_needed`.
    pub fn confirmed(&self, now: Instant) -> Result<()> {
        let lately = self.confirmed_at.is_some_and(|at| at.plus(CONFIRMED_FOR) > now);
        if lately || self.who == Who::Operator { Ok(()) } else { Err(Error::new(&codes::ACCESS_CONFIRMATION_NEEDED)) }
    }

    /// The account of a person, for what concerns nobody else: logins, the second factor.
    ///
    /// # Errors
    /// `access.denied` for a machine, `resource.not_found` for the operator.
    pub fn person(&self) -> Result<Id> {
        match self.who {
            Who::Staff { account, .. } => Ok(account),
            Who::Machine { .. } => Err(Error::new(&codes::ACCESS_DENIED)),
            Who::Operator => Err(Error::new(&codes::NOT_FOUND)),
        }
    }

    /// Whether this actor may make, change or disable such an account: nobody hands out more than they have.
    pub fn appoints(&self, account: &Account) -> bool {
        let role = match self.who {
            Who::Staff { role, .. } => role,
            Who::Machine { .. } => return false,
            Who::Operator => return true,
        };
        match role {
            Role::PlatformAdmin => matches!(account.role, Role::PlatformAdmin | Role::EducationOffice),
            Role::EducationOffice => {
                account.role != Role::PlatformAdmin
                    && account.province_code.as_ref().is_some_and(|province| self.scope.reaches(province))
            }
            Role::PartnerManager => account.role == Role::Instructor && account.partner_id == self.partner,
            _ => false,
        }
    }

    /// The same as [`Actor::scope`] in the words of the database's own wall. An administrator of the platform sees nobody.
    pub fn reach(&self) -> Reach {
        let id = |id: &Id| id.as_i64().to_string();
        match &self.scope {
            Scope::Everything if self.who == Who::Operator => Reach::EVERYTHING,
            Scope::Everything => Reach::new("platform", String::new()),
            Scope::Province(province) => Reach::new("province", province.as_str().to_owned()),
            Scope::Regency(_, regency) => Reach::new("regency", regency.as_str().to_owned()),
            Scope::School(_, school) => Reach::new("school", id(school)),
            Scope::Partner(_, partner) => Reach::new("partner", id(partner)),
            Scope::Instructor(_, account) => Reach::new("instructor", id(account)),
        }
    }

    /// How far the actor reaches.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The account, a machine's maker, unless this is the operator.
    pub fn account(&self) -> Option<Id> {
        match self.who {
            Who::Staff { account, .. } | Who::Machine { account, .. } => Some(account),
            Who::Operator => None,
        }
    }

    /// The account's id as stored beside marks and decisions; 0 stands for the operator.
    pub fn account_or_operator(&self) -> Id {
        self.account().unwrap_or_default()
    }

    /// The login, if there is one.
    pub fn login(&self) -> Option<Id> {
        match self.who {
            Who::Staff { login, .. } => login,
            Who::Machine { .. } | Who::Operator => None,
        }
    }

    /// The role, unless this is the operator.
    pub fn role(&self) -> Option<Role> {
        match self.who {
            Who::Staff { role, .. } | Who::Machine { role, .. } => Some(role),
            Who::Operator => None,
        }
    }

    /// The service token, if a program acts.
    pub fn service_token(&self) -> Option<&Machine> {
        match &self.who {
            Who::Machine { machine, .. } => Some(machine),
            Who::Staff { .. } | Who::Operator => None,
        }
    }

    /// The partner the account belongs to.
    pub fn partner(&self) -> Option<Id> {
        self.partner
    }

    /// Whether this is the province's own office (or the operator), who may override with a reason.
    pub fn is_province(&self) -> bool {
        matches!(self.role(), None | Some(Role::EducationOffice))
    }

    /// Where the act comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}
