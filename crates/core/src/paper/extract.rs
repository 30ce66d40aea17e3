//! What a paper says that does not have everyone of its class, so that nobody takes a part for the whole.

use crate::access::{Actor, Scope};
use crate::class::Class;
use crate::db::Tx;
use crate::error::Result;
use crate::partner;
use crate::values::Bilingual;

/// Who is on a paper, where that is not everyone.
#[derive(Debug)]
pub(super) struct Extract {
    /// Where they come from; nothing where the class is the actor's own and only who went elsewhere is missing.
    from: Option<String>,
    shown: usize,
    whole: usize,
}

impl Extract {
    /// None where everyone is on it.
    pub(super) fn of(
        tx: &mut Tx<'_>,
        actor: &Actor,
        class: &Class,
        shown: usize,
        unseen: usize,
    ) -> Result<Option<Self>> {
        if unseen == 0 {
            return Ok(None);
        }
        let from = match actor.scope() {
            Scope::Regency(_, regency) => Some(regency.full_name()),
            Scope::School(_, school) if *school != class.partner_id => {
                let name = partner::name_on(tx, *school, tx.today(&class.province_code))?;
                Some(name.name.as_str().to_owned())
            }
            _ => None,
        };
        Ok(Some(Self { from, shown, whole: shown + unseen }))
    }

    /// Whether the paper is still signed for the class.
    pub(super) fn is_signed(extract: Option<&Self>) -> bool {
        extract.is_none_or(|extract| extract.from.is_none())
    }

    /// For a list of notes.
    pub(super) fn notes(extract: Option<&Self>) -> Vec<Bilingual> {
        extract.map(Self::sentence).into_iter().collect()
    }

    pub(super) fn sentence(&self) -> Bilingual {
        let Self { from, shown, whole } = self;
        match from {
            Some(from) => Bilingual {
                id: format!("Hanya peserta dari {from}: {shown} dari {whole}."),
                en: format!("Only participants from {from}: {shown} of {whole}."),
            },
            None => Bilingual {
                id: format!("Tanpa peserta yang pindah ke lembaga lain: {shown} dari {whole}."),
                en: format!("Without participants who went to another institution: {shown} of {whole}."),
            },
        }
    }
}
