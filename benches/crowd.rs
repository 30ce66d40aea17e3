//! People without end: a few hundred lives, each time with another student number.

use vokasi_core::error::Error;
use vokasi_core::participant::Person;
use vokasi_core::values::Nisn;
use vokasi_fixtures::People;

use crate::pace::Outcome;
use crate::stage;

/// Makes them.
pub(crate) struct Crowd {
    lives: Vec<Person>,
    made: usize,
}

impl Crowd {
    pub(crate) fn new() -> Outcome<Self> {
        let mut people = People::new(500);
        let mut lives = Vec::new();
        for _ in 0..500 {
            lives.push(Person { nik: None, ..stage::entry(&people.alumni("18.01", 2024))? });
        }
        Ok(Self { lives, made: 0 })
    }

    /// How many there are so far.
    pub(crate) fn made(&self) -> usize {
        self.made
    }

    pub(crate) fn people(&mut self, number: usize) -> Outcome<Vec<Person>> {
        let mut people = Vec::with_capacity(number);
        for _ in 0..number {
            let life = &self.lives[self.made % self.lives.len()];
            self.made += 1;
            let nisn = Nisn::parse(&format!("006{:07}", self.made)).map_err(Error::new)?;
            people.push(Person { nisn: Some(nisn), ..life.clone() });
        }
        Ok(people)
    }
}
