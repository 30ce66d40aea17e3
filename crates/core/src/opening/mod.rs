//! Where to open classes next: who waits where, what is free there, and which classes would seat most of them.

mod matching;
mod rules;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

pub use rules::Lack;

use crate::access::{self, Actor, Operation, Scope};
use crate::agreement::{self, Allowance};
use crate::calendar;
use crate::class::{self, Class, NewClass, Slot};
use crate::cohort::{self, Cohort, CohortState};
use crate::db::Tx;
use crate::enrollment::{self, Reach, Why, seating};
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::partner::{self, Partner};
use crate::time::Instant;
use crate::values::{Label, LessonHours, PersonName, RegencyCode};
use matching::{Clashes, Meeting, Place};
use rules::{Group, Site};

/// Weekly patterns that are looked at, at most.
const MOST_PATTERNS: usize = 12;

/// What is asked of the classes to open; what is not said is taken from the cohort and its classes.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The weekly patterns they may have; when there is none, those of the cohort's classes.
    pub patterns: Vec<Vec<Slot>>,
    /// Seats of each; the cohort's class size when nothing is said.
    pub seats: Option<i32>,
    /// People each needs to start; what most of the cohort's classes need when nothing is said.
    pub minimum: Option<i32>,
    /// How many at most.
    pub classes: Option<i32>,
    /// The first day; the cohort's when nothing is said, or today once that has been.
    pub starts_on: Option<NaiveDate>,
    /// The last day; the cohort's when nothing is said.
    pub ends_on: Option<NaiveDate>,
}

/// What holds of every class to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The weekly patterns, the most usual first.
    pub patterns: Vec<Vec<Slot>>,
    /// Seats.
    pub seats: i32,
    /// People it needs to start.
    pub minimum: i32,
    /// How many classes at most.
    pub classes: Option<i32>,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: NaiveDate,
}

/// People and seats of a cohort. Seats are those of classes that still take people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// People on the waiting list.
    pub waiting: i64,
    /// Classes.
    pub classes: i64,
    /// Their seats.
    pub seats: i64,
    /// Seats that somebody has.
    pub seated: i64,
    /// Seats that are held: offered to somebody, or kept for a school.
    pub held: i64,
    /// Seats that nobody has.
    pub free: i64,
}

impl Tally {
    fn add(&mut self, class: &Class) {
        self.classes += 1;
        self.seats += i64::from(class.seats);
        self.seated += i64::from(class.seated);
        self.held += i64::from(class.held);
        self.free += i64::from(class.free());
    }
}

/// Who is free at a weekly pattern for the rest of the cohort's period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// The pattern.
    pub slots: Vec<Slot>,
    /// Teachers.
    pub teachers: usize,
    /// Rooms.
    pub rooms: usize,
}

/// One regency of a demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegencyDemand {
    /// The regency.
    pub regency: RegencyCode,
    /// People who registered there, and seats of its hosts.
    pub tally: Tally,
    /// Teachers and rooms of its partners.
    pub supply: Vec<Supply>,
}

/// Who waits for a cohort, and what there is for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Of which cohort.
    pub cohort: Id,
    /// The moment it is of.
    pub as_of: Instant,
    /// Every regency in which somebody waits or a class could be held, in order.
    pub regencies: Vec<RegencyDemand>,
    /// The same added up.
    pub total: Tally,
}

/// One partner of a demand: a school whose people wait, a host, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerDemand {
    /// The partner.
    pub partner: Partner,
    /// People who registered through it, and seats it hosts.
    pub tally: Tally,
    /// Its teachers and rooms.
    pub supply: Vec<Supply>,
    /// Its agreements that cover further classes of the cohort.
    pub agreements: Vec<Allowance>,
}

/// People of one school who would sit in a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The school they registered through.
    pub school: Option<Partner>,
    /// How near the class is to it.
    pub why: Why,
    /// How many.
    pub people: i64,
}

/// What a class at a weekly pattern comes to between its first and its last day, around the days off of the province; its
/// host may have further ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Lesson hours it has room for, no more than those of the program.
    pub reached: LessonHours,
    /// Lesson hours of the program for which there is no time.
    pub uncovered: LessonHours,
}

/// A class to open, with everything it takes.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The class as it would be planned.
    pub class: NewClass,
    /// At which partner.
    pub host: Partner,
    /// Who would teach.
    pub instructor: PersonName,
    /// The number of the agreement.
    pub agreement: Label,
    /// What it comes to.
    pub hours: Hours,
    /// Whom it would seat.
    pub people: Vec<Origin>,
    /// What stands in the way of one class more at this host, once all of these are open.
    pub next: Vec<Lack>,
}

/// Classes that cannot be opened yet, and what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// In which regency.
    pub regency: RegencyCode,
    /// At which partner the least is missing, if any has something of what a class takes.
    pub host: Option<Partner>,
    /// What is missing.
    pub lacks: Vec<Lack>,
    /// For how many classes.
    pub classes: i64,
    /// People they would seat.
    pub people: i64,
}

/// Which classes to open, and what is missing for the rest.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Of which cohort.
    pub cohort: Id,
    /// The moment it is of.
    pub as_of: Instant,
    /// What holds of every class.
    pub terms: Terms,
    /// What a class comes to at each of the patterns.
    pub hours: Vec<Hours>,
    /// People for whom there is no seat.
    pub waiting: i64,
    /// Those whom the classes would seat.
    pub seated: i64,
    /// The classes, in the order in which they are worth opening.
    pub openings: Vec<Opening>,
    /// What is missing for everyone else.
    pub shortages: Vec<Shortage>,
}

/// Who waits for a cohort and what is free for them, by regency.
pub fn demand(tx: &mut Tx<'_>, actor: &Actor, cohort: Id) -> Result<Demand> {
    actor.may(Operation::DemandRead)?;
    let ground = Ground::of(tx, actor, cohort, &Wish::default())?;
    let mut regencies: BTreeMap<RegencyCode, RegencyDemand> = BTreeMap::new();
    let mut total = Tally::default();
    for (regency, _, people) in &ground.waiting {
        ground.row_of(&mut regencies, regency).tally.waiting += people;
        total.waiting += people;
    }
    for class in &ground.classes {
        ground.row_of(&mut regencies, &class.regency_code).tally.add(class);
        total.add(class);
    }
    for host in ground.hosts.values() {
        let found = ground.row_of(&mut regencies, &host.partner.regency_code);
        for (sum, own) in found.supply.iter_mut().zip(ground.supply(Some(host))) {
            sum.teachers += own.teachers;
            sum.rooms += own.rooms;
        }
    }
    Ok(Demand { cohort, as_of: tx.now(), regencies: regencies.into_values().collect(), total })
}

/// The same by partner: schools whose people wait, and whoever could host a class; of one regency when one is named.
pub fn partners(
    tx: &mut Tx<'_>,
    actor: &Actor,
    cohort: Id,
    regency: Option<&RegencyCode>,
    page: PageRequest,
) -> Result<Page<PartnerDemand>> {
    actor.may(Operation::DemandRead)?;
    let ground = Ground::of(tx, actor, cohort, &Wish::default())?;
    let mut tallies: BTreeMap<Id, Tally> = ground.hosts.keys().map(|partner| (*partner, Tally::default())).collect();
    for (_, school, people) in &ground.waiting {
        if let Some(school) = school {
            tallies.entry(*school).or_default().waiting += people;
        }
    }
    for class in &ground.classes {
        tallies.entry(class.partner_id).or_default().add(class);
    }
    let ids: Vec<Id> = tallies.keys().copied().collect();
    let rows = partner::many(tx, &ids)?.into_iter().filter(|partner| partner.id > page.after());
    let rows = rows.filter(|partner| regency.is_none_or(|regency| partner.regency_code == *regency));
    let rows: Vec<Partner> = rows.take(usize::try_from(page.fetch()).unwrap_or_default()).collect();
    let row = |partner: Partner| {
        let host = ground.hosts.get(&partner.id);
        PartnerDemand {
            tally: tallies.get(&partner.id).copied().unwrap_or_default(),
            supply: ground.supply(host),
            agreements: host.map(|host| host.allowances.clone()).unwrap_or_default(),
            partner,
        }
    };
    Ok(page.page(rows, |partner| partner.id).map(row))
}

/// The classes that would seat most of those for whom there is no seat: most people, then fewest classes, then nearest to
/// their schools; each with a host, a teacher, a room, a weekly pattern and an agreement that are there. What is missing
/// for the rest is named. Nothing is kept.
///
/// # Errors
/// `cohort.state` once the cohort is closed, `cohort.over` after its last day, `class.period`, `field.date_order`,
/// `class.slots_overlap`, `session.past_midnight`, `field.range`, and `field.required` at the patterns when neither the wish
/// nor a class of the cohort has one.
pub fn propose(tx: &mut Tx<'_>, actor: &Actor, cohort: Id, wish: &Wish) -> Result<Proposal> {
    actor.may(Operation::ClassPropose)?;
    let ground = Ground::of(tx, actor, cohort, wish)?;
    if matches!(ground.cohort.state, CohortState::Closed | CohortState::Cancelled) {
        return Err(Error::new(&codes::COHORT_STATE).fact("state", ground.cohort.state));
    }
    // One that nobody has closed is over all the same.
    if ground.cohort.ends_on < tx.today(&ground.cohort.province_code) {
        return Err(Error::new(&codes::COHORT_OVER).fact("ends_on", ground.cohort.ends_on));
    }
    if ground.terms.patterns.is_empty() {
        return Err(Error::field("/patterns", &codes::FIELD_REQUIRED));
    }
    // Everyone competes for the seats there are, whoever looks.
    let left = tx.beyond(|tx| seating::without_seat(tx, &ground.cohort))?;
    let left: Vec<_> = left.into_iter().filter(|((regency, _), _)| sees(actor, regency)).collect();
    let hosts: Vec<&Host> = ground.hosts.values().collect();
    let regencies: BTreeSet<&RegencyCode> = left
        .iter()
        .map(|((regency, _), _)| regency)
        .chain(hosts.iter().map(|host| &host.partner.regency_code))
        .collect();
    let regencies: Vec<&RegencyCode> = regencies.into_iter().collect();
    let number = |regency: &RegencyCode| regencies.binary_search(&regency).unwrap_or_default();
    let groups: Vec<Group> = left
        .iter()
        .map(|((regency, school), people)| Group { school: *school, regency: number(regency), people: *people })
        .collect();
    let clashes = Clashes::between(&ground.meetings);
    let mut places = Vec::with_capacity(hosts.len());
    let mut sites = Vec::with_capacity(hosts.len());
    for host in &hosts {
        let found = host.places(&clashes)?;
        sites.push(Site {
            partner: host.partner.id,
            regency: number(&host.partner.regency_code),
            allowed: host.allowed(ground.terms.seats),
            places: counted(found.len()),
            taught: counted(matching::places(&clashes, &host.teaching(), &host.teaching())?.len()),
            roomed: counted(matching::places(&clashes, &host.roomed(), &host.roomed())?.len()),
        });
        places.push(found.into_iter());
    }
    let terms = rules::Terms {
        seats: ground.terms.seats.into(),
        minimum: ground.terms.minimum.into(),
        most: ground.terms.classes.map(i64::from),
        reach: Reach::of(ground.cohort.segment),
    };
    let plan = rules::plan(&groups, &sites, &terms);
    let schools: Vec<Id> = groups.iter().filter_map(|group| group.school).collect();
    let schools: HashMap<Id, Partner> =
        partner::many(tx, &schools)?.into_iter().map(|school| (school.id, school)).collect();
    let mut names = Names(class::names(tx, cohort)?);
    let hours = ground.hours(tx)?;
    let mut openings = Vec::with_capacity(plan.classes.len());
    let mut at_site = vec![0; hosts.len()];
    for class in plan.classes {
        let host = hosts[class.site];
        let Some(place) = places[class.site].next() else { continue };
        let Some(allowance) = host.allowance(at_site[class.site], ground.terms.seats) else { continue };
        at_site[class.site] += 1;
        let origin = |(group, why, people): (usize, Why, i64)| {
            let school = groups[group].school.and_then(|school| schools.get(&school).cloned());
            Origin { school, why, people }
        };
        openings.push(Opening {
            class: ground.class(host, place, allowance, names.next(host.partner.id)?),
            host: host.partner.clone(),
            instructor: host.teachers[place.teacher].name.clone(),
            agreement: allowance.number.clone(),
            hours: hours[place.pattern],
            people: class.people.into_iter().map(origin).collect(),
            next: plan.next[class.site].clone(),
        });
    }
    let shortage = |(missing, (classes, people)): (rules::Missing, (i64, i64))| Shortage {
        regency: regencies[missing.regency].clone(),
        host: missing.site.map(|site| hosts[site].partner.clone()),
        lacks: missing.lacks,
        classes,
        people,
    };
    Ok(Proposal {
        cohort,
        as_of: tx.now(),
        terms: ground.terms,
        hours,
        waiting: groups.iter().map(|group| group.people).sum(),
        seated: openings.iter().flat_map(|opening| &opening.people).map(|origin| origin.people).sum(),
        openings,
        shortages: plan.missing.into_iter().map(shortage).collect(),
    })
}

/// Whether the actor's scope holds a regency of their province.
fn sees(actor: &Actor, regency: &RegencyCode) -> bool {
    match actor.scope() {
        Scope::Regency(_, own) => own == regency,
        _ => true,
    }
}

fn counted(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A teacher and the patterns at which they are free.
struct Teacher {
    account: Id,
    name: PersonName,
    free: Vec<bool>,
}

/// A room and the patterns at which it is free.
struct Room {
    name: Label,
    free: Vec<bool>,
}

/// A partner that has something of what a class takes.
struct Host {
    partner: Partner,
    teachers: Vec<Teacher>,
    rooms: Vec<Room>,
    allowances: Vec<Allowance>,
}

impl Host {
    fn teaching(&self) -> Vec<Vec<bool>> {
        self.teachers.iter().map(|teacher| teacher.free.clone()).collect()
    }

    fn roomed(&self) -> Vec<Vec<bool>> {
        self.rooms.iter().map(|room| room.free.clone()).collect()
    }

    fn places(&self, clashes: &Clashes) -> Result<Vec<Place>> {
        matching::places(clashes, &self.teaching(), &self.roomed())
    }

    /// Classes of so many seats that its agreements still allow.
    fn allowed(&self, seats: i32) -> Option<i64> {
        self.allowances.iter().map(|allowance| Some(i64::from((allowance.seats? / seats).max(0)))).sum()
    }

    /// The agreement under which a class falls that has so many of them before it.
    fn allowance(&self, before: i32, seats: i32) -> Option<&Allowance> {
        let mut before = before;
        self.allowances.iter().find(|allowance| {
            let classes = allowance.seats.map_or(i32::MAX, |left| (left / seats).max(0));
            let is_in = before < classes;
            before = before.saturating_sub(classes);
            is_in
        })
    }
}

/// Names for classes of a cohort that no class of their host has. The program is named beside them wherever they stand.
struct Names(HashSet<(Id, Label)>);

impl Names {
    fn next(&mut self, partner: Id) -> Result<Label> {
        let mut number = 1;
        loop {
            let name = Label::parse(&format!("Kelas {number}")).map_err(Error::new)?;
            if self.0.insert((partner, name.clone())) {
                return Ok(name);
            }
            number += 1;
        }
    }
}

/// What is known of a cohort, as far as the actor sees it.
struct Ground {
    cohort: Cohort,
    terms: Terms,
    /// The meetings of each pattern.
    meetings: Vec<Vec<Meeting>>,
    /// Classes that still take people.
    classes: Vec<Class>,
    /// People on the waiting list by regency and school.
    waiting: Vec<(RegencyCode, Option<Id>, i64)>,
    hosts: BTreeMap<Id, Host>,
}

impl Ground {
    fn of(tx: &mut Tx<'_>, actor: &Actor, cohort: Id, wish: &Wish) -> Result<Self> {
        let cohort = cohort::get(tx, actor, cohort)?;
        let today = tx.today(&cohort.province_code);
        // Of a cohort that is over the last day is left.
        let starts_on = wish.starts_on.unwrap_or(cohort.starts_on.max(today).min(cohort.ends_on));
        let ends_on = wish.ends_on.unwrap_or(cohort.ends_on);
        let taught = class::taught_between(tx, &cohort.province_code, starts_on, ends_on)?;
        let own = || taught.iter().filter(|(class, _)| class.cohort_id == cohort.id);
        let seats = wish.seats.unwrap_or(cohort.class_size);
        let minutes = cohort_minutes(tx, &cohort, &taught)?;
        let minutes = |cohort: Id| minutes.get(&cohort).copied().unwrap_or(LONGEST);
        let own_minutes = minutes(cohort.id);
        let week = |cohort: Id, slots: &[Slot]| meetings(slots, minutes(cohort));
        let usual =
            || most_usual(own().map(|(class, _)| class.minimum)).first().map_or(1, |minimum| seats.min(*minimum));
        let patterns = if wish.patterns.is_empty() {
            let is_whole = |slots: &Vec<Slot>| !slots.is_empty() && class::check_slots(slots, own_minutes).is_ok();
            let mut usual = most_usual(own().map(|(_, slots)| slots.clone()).filter(is_whole));
            usual.truncate(MOST_PATTERNS);
            usual
        } else {
            wish.patterns.clone()
        };
        let minimum = wish.minimum.unwrap_or_else(usual);
        let terms = Terms { patterns, seats, minimum, classes: wish.classes, starts_on, ends_on };
        let busy: Vec<(&Class, Vec<Meeting>)> =
            taught.iter().map(|(class, slots)| (class, week(class.cohort_id, slots))).collect();
        let meetings: Vec<Vec<Meeting>> = terms.patterns.iter().map(|slots| week(cohort.id, slots)).collect();
        check(&cohort, &terms, own_minutes)?;
        let hosts = hosts(tx, actor, &cohort, &terms, &meetings, &busy)?;
        let only = match actor.scope() {
            Scope::Regency(_, regency) => Some(regency),
            _ => None,
        };
        let waiting = enrollment::waiting_by_school(tx, cohort.id, only)?;
        let classes =
            class::open_in(tx, cohort.id)?.into_iter().filter(|class| sees(actor, &class.regency_code)).collect();
        Ok(Self { cohort, terms, meetings, classes, waiting, hosts })
    }

    /// What a class comes to at each pattern.
    fn hours(&self, tx: &mut Tx<'_>) -> Result<Vec<Hours>> {
        let (province, from, to) = (&self.cohort.province_code, self.terms.starts_on, self.terms.ends_on);
        let calendar = calendar::of_province(tx, province, from, to)?;
        let program = cohort::curriculum(tx, &self.cohort)?.1.lesson_hours();
        let days: Vec<i32> = from
            .iter_days()
            .take_while(|day| *day <= to)
            .filter(|day| calendar.off(*day).is_none())
            .map(calendar::weekday)
            .collect();
        let of = |slots: &Vec<Slot>| {
            let on =
                |day: &i32| slots.iter().filter(|slot| slot.weekday == *day).map(|slot| slot.lesson_hours).sum::<i32>();
            let reached = days.iter().map(on).sum::<LessonHours>().min(program);
            Hours { reached, uncovered: program - reached }
        };
        Ok(self.terms.patterns.iter().map(of).collect())
    }

    fn row_of<'a>(
        &self,
        regencies: &'a mut BTreeMap<RegencyCode, RegencyDemand>,
        regency: &RegencyCode,
    ) -> &'a mut RegencyDemand {
        regencies.entry(regency.clone()).or_insert_with(|| RegencyDemand {
            regency: regency.clone(),
            tally: Tally::default(),
            supply: self.supply(None),
        })
    }

    /// What a host has free at each pattern.
    fn supply(&self, host: Option<&Host>) -> Vec<Supply> {
        let at = |index: usize, slots: &Vec<Slot>| {
            let free = |free: &Vec<bool>| free.get(index).copied().unwrap_or_default();
            Supply {
                slots: slots.clone(),
                teachers: host.map_or(0, |host| host.teachers.iter().filter(|teacher| free(&teacher.free)).count()),
                rooms: host.map_or(0, |host| host.rooms.iter().filter(|room| free(&room.free)).count()),
            }
        };
        self.terms.patterns.iter().enumerate().map(|(index, slots)| at(index, slots)).collect()
    }

    fn class(&self, host: &Host, place: Place, allowance: &Allowance, name: Label) -> NewClass {
        NewClass {
            cohort: self.cohort.id,
            partner: host.partner.id,
            agreement: allowance.agreement,
            agreement_override: None,
            instructor: Some(host.teachers[place.teacher].account),
            name,
            room: Some(host.rooms[place.room].name.clone()),
            seats: self.terms.seats,
            minimum: self.terms.minimum,
            reserves: 0,
            starts_on: Some(self.terms.starts_on),
            ends_on: Some(self.terms.ends_on),
            slots: self.terms.patterns[place.pattern].clone(),
        }
    }
}

/// Minutes of a lesson hour at most, for a class whose program is not known.
const LONGEST: i32 = 60;

fn meetings(slots: &[Slot], minutes: i32) -> Vec<Meeting> {
    let meeting = |slot: &Slot| Meeting {
        weekday: slot.weekday,
        starts_at: slot.starts_at,
        ends_at: slot.starts_at + slot.lesson_hours * minutes,
    };
    slots.iter().map(meeting).collect()
}

fn cohort_minutes(tx: &mut Tx<'_>, own: &Cohort, taught: &[(Class, Vec<Slot>)]) -> Result<HashMap<Id, i32>> {
    let cohorts: BTreeSet<Id> = taught.iter().map(|(class, _)| class.cohort_id).chain([own.id]).collect();
    let lessons = cohort::lessons(tx, &cohorts.into_iter().collect::<Vec<_>>())?;
    Ok(lessons.into_iter().map(|(cohort, lessons)| (cohort, lessons.minutes)).collect())
}

/// What there is, the most frequent first; of as frequent ones, the smallest.
fn most_usual<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut counts: BTreeMap<T, i32> = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    let mut usual: Vec<(T, i32)> = counts.into_iter().collect();
    usual.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    usual.into_iter().map(|(one, _)| one).collect()
}

fn check(cohort: &Cohort, terms: &Terms, minutes: i32) -> Result<()> {
    class::check_period(cohort, terms.starts_on, terms.ends_on)?;
    class::check_minimum(terms.minimum, terms.seats)?;
    for (index, slots) in terms.patterns.iter().enumerate() {
        let at = format!("/patterns/{index}");
        if slots.is_empty() {
            return Err(Error::field(format!("{at}/slots"), &codes::FIELD_REQUIRED));
        }
        class::check_slots(slots, minutes).map_err(|mut error| {
            for field in &mut error.fields {
                field.pointer = format!("{at}{}", field.pointer);
            }
            error
        })?;
    }
    Ok(())
}

/// Partners that have a teacher, a room or an agreement for classes of the cohort, and what of it is free.
fn hosts(
    tx: &mut Tx<'_>,
    actor: &Actor,
    cohort: &Cohort,
    terms: &Terms,
    patterns: &[Vec<Meeting>],
    busy: &[(&Class, Vec<Meeting>)],
) -> Result<BTreeMap<Id, Host>> {
    let free = |takes: &dyn Fn(&Class) -> bool| -> Vec<bool> {
        let taken: Vec<&Vec<Meeting>> = busy.iter().filter(|(class, _)| takes(class)).map(|(_, week)| week).collect();
        let is_free = |pattern: &Vec<Meeting>| !taken.iter().any(|week| matching::meet_at_once(pattern, week));
        patterns.iter().map(is_free).collect()
    };
    let (province, period) = (&cohort.province_code, (terms.starts_on, terms.ends_on));
    let mut teachers: BTreeMap<Id, Vec<Teacher>> = BTreeMap::new();
    for account in access::instructors(tx, province)? {
        let Some(partner) = account.partner_id else { continue };
        let free = free(&|class| class.instructor_id == Some(account.id));
        teachers.entry(partner).or_default().push(Teacher { account: account.id, name: account.name, free });
    }
    let mut rooms: BTreeMap<Id, BTreeMap<String, Label>> = BTreeMap::new();
    for (partner, room) in class::rooms(tx, province)? {
        rooms.entry(partner).or_default().insert(folded(&room), room);
    }
    let mut allowances: BTreeMap<Id, Vec<Allowance>> = BTreeMap::new();
    for allowance in agreement::allowances(tx, province, cohort.program_id, period)? {
        allowances.entry(allowance.partner).or_default().push(allowance);
    }
    let ids: BTreeSet<Id> = teachers.keys().chain(rooms.keys()).chain(allowances.keys()).copied().collect();
    let partners = partner::many(tx, &ids.into_iter().collect::<Vec<_>>())?;
    let host = |partner: Partner| {
        let room = |(folded_name, name): (String, Label)| {
            let is_there = |class: &Class| {
                class.partner_id == partner.id && class.room.as_ref().is_some_and(|room| folded(room) == folded_name)
            };
            Room { free: free(&is_there), name }
        };
        let host = Host {
            teachers: teachers.remove(&partner.id).unwrap_or_default(),
            rooms: rooms.remove(&partner.id).unwrap_or_default().into_iter().map(room).collect(),
            allowances: allowances.remove(&partner.id).unwrap_or_default(),
            partner,
        };
        (host.partner.id, host)
    };
    Ok(partners.into_iter().filter(|partner| sees(actor, &partner.regency_code)).map(host).collect())
}

/// A room's name as it is told from others: see the table of rooms.
fn folded(room: &Label) -> String {
    room.as_str().to_lowercase()
}
