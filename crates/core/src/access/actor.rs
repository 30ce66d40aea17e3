//! Who acts, from where, and how far the actor's eyes and hands reach.

use std::fmt;

use super::permission::{Operation, Role};
use super::store::Account;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::values::{ProvinceCode, RegencyCode};

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
    /// The person at the machine's own command line.
    Operator,
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
}

impl Actor {
    /// The holder of an account.
    pub fn of(account: &Account, login: Option<Id>, origin: Origin) -> Self {
        Self {
            who: Who::Staff { account: account.id, login, role: account.role },
            scope: account.scope(),
            partner: account.partner_id,
            origin,
        }
    }

    /// The person at the machine's own command line, who may do everything.
    pub fn operator() -> Self {
        Self {
            who: Who::Operator,
            scope: Scope::Everything,
            partner: None,
            origin: Origin { request_id: String::new(), address: "local".to_owned(), device: "vokasi".to_owned() },
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
            Who::Staff { .. } => Err(Error::new(&codes::ACCESS_DENIED)),
        }
    }

    /// Whether this actor may make, change or disable such an account: nobody hands out more than they have.
    pub fn appoints(&self, account: &Account) -> bool {
        let Who::Staff { role, .. } = self.who else { return true };
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

    /// How far the actor reaches.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The account, unless this is the operator.
    pub fn account(&self) -> Option<Id> {
        match self.who {
            Who::Staff { account, .. } => Some(account),
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
            Who::Operator => None,
        }
    }

    /// The role, unless this is the operator.
    pub fn role(&self) -> Option<Role> {
        match self.who {
            Who::Staff { role, .. } => Some(role),
            Who::Operator => None,
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
