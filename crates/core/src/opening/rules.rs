use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::enrollment::{Reach, Why, nearness};
use crate::id::Id;
use crate::values::words;

words! {
    /// What stands in the way of one class more.
    pub enum Lack {
        /// No agreement covers it, or none has enough seats left.
        Agreement = "agreement",
        /// No teacher of the host is free when a room is.
        Teacher = "teacher",
        /// No room of the host is free when a teacher is.
        Room = "room",
        /// Those who are left are fewer than a class needs to start.
        People = "people",
        /// No more classes were asked for.
        Limit = "limit",
    }
}

/// People who are alike: of one school and regency, without a seat. Regencies are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) school: Option<Id>,
    pub(super) regency: usize,
    pub(super) people: i64,
}

/// A partner that could host classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    pub(super) partner: Id,
    pub(super) regency: usize,
    /// Classes that its agreements still allow; any number when nothing is said.
    pub(super) allowed: Option<i64>,
    /// Classes for which it has teachers and rooms at the same times.
    pub(super) places: i64,
    /// Classes for which it has teachers.
    pub(super) taught: i64,
    /// Classes for which it has rooms.
    pub(super) roomed: i64,
}

/// What holds of every class that is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) seats: i64,
    pub(super) minimum: i64,
    /// Classes at most, if somebody said so.
    pub(super) most: Option<i64>,
    pub(super) reach: Reach,
}

/// One class to open: where, and for how many people of which groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewClass {
    pub(super) site: usize,
    pub(super) people: Vec<(usize, Why, i64)>,
}

/// Classes that cannot be opened yet, at the site where the least is missing, if there is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Missing {
    pub(super) regency: usize,
    pub(super) site: Option<usize>,
    pub(super) lacks: Vec<Lack>,
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// In the order in which they are worth opening.
    pub(super) classes: Vec<NewClass>,
    /// Classes and people by what is missing.
    pub(super) missing: BTreeMap<Missing, (i64, i64)>,
    /// What stands in the way of one class more, by site.
    pub(super) next: Vec<Vec<Lack>>,
}

/// Where to open classes: as many people as possible are seated, in as few classes as that takes, as near to their schools
/// as those can be. Then what is missing for those who are left.
///
/// People and seats within reach of each other are a pool. In each pool every class but the last is full, so the number of
/// classes follows from the number of people; and since a site's own people, a regency's and a pool's lie inside each
/// other, the class that brings most people nearest is right at each step, whatever comes after it.
pub(super) fn plan(groups: &[Group], sites: &[Site], terms: &Terms) -> Plan {
    let mut choice = Choice::new(groups, sites, terms);
    while let Some(site) = choice.best() {
        choice.open(site);
    }
    let seated = choice.seated();
    let classes = choice.classes(&seated);
    let mut left: Vec<i64> = groups.iter().map(|group| group.people).collect();
    for (group, people) in seated.iter().flatten() {
        left[*group] -= people;
    }
    let next = (0..sites.len()).map(|site| choice.in_the_way(site, &left)).collect();
    Plan { classes, missing: choice.missing(left), next }
}

struct Choice<'a> {
    groups: &'a [Group],
    sites: &'a [Site],
    terms: &'a Terms,
    /// The sites in the order in which classes are opened at them.
    order: Vec<usize>,
    opened: Vec<i64>,
    /// People whom the classes opened so far leave without a seat: of each site's school, of each regency, of each pool.
    /// Below zero they leave seats free.
    own: Vec<i64>,
    near: BTreeMap<usize, i64>,
    waiting: BTreeMap<usize, i64>,
    classes: BTreeMap<usize, i64>,
}

impl<'a> Choice<'a> {
    fn new(groups: &'a [Group], sites: &'a [Site], terms: &'a Terms) -> Self {
        let mut choice = Self {
            groups,
            sites,
            terms,
            order: Vec::new(),
            opened: vec![0; sites.len()],
            own: vec![0; sites.len()],
            near: BTreeMap::new(),
            waiting: BTreeMap::new(),
            classes: BTreeMap::new(),
        };
        let site_of: BTreeMap<Id, usize> =
            sites.iter().enumerate().map(|(index, site)| (site.partner, index)).collect();
        for group in groups {
            let pool = choice.pool(group.regency);
            *choice.near.entry(group.regency).or_default() += group.people;
            *choice.waiting.entry(pool).or_default() += group.people;
            if let Some(site) = group.school.and_then(|school| site_of.get(&school))
                && choice.pool(sites[*site].regency) == pool
            {
                choice.own[*site] += group.people;
            }
        }
        choice
    }

    /// The number of the pool to which a regency belongs.
    fn pool(&self, regency: usize) -> usize {
        match self.terms.reach {
            Reach::Regency => regency,
            Reach::Province => 0,
        }
    }

    /// How near a group is to a site, if that is within reach.
    fn nearness(&self, group: &Group, site: &Site) -> Option<Why> {
        let near = nearness(self.terms.reach, group.school == Some(site.partner), group.regency == site.regency);
        near.filter(|_| self.pool(group.regency) == self.pool(site.regency))
    }

    fn open(&mut self, site: usize) {
        let (regency, seats) = (self.sites[site].regency, self.terms.seats);
        let pool = self.pool(regency);
        self.order.push(site);
        self.opened[site] += 1;
        self.own[site] -= seats;
        *self.near.entry(regency).or_default() -= seats;
        *self.waiting.entry(pool).or_default() -= seats;
        *self.classes.entry(pool).or_default() += 1;
    }

    fn is_at_most(&self) -> bool {
        self.terms.most.is_some_and(|most| i64::try_from(self.order.len()).is_ok_and(|opened| opened >= most))
    }

    /// What one class more at a site brings: people seated, people at their own school, people in their own regency;
    /// nothing when some class of the pool would stay too small.
    fn gain(&self, index: usize) -> Option<[i64; 3]> {
        let site = &self.sites[index];
        if self.opened[index] >= site.places.min(site.allowed.unwrap_or(i64::MAX)) {
            return None;
        }
        let Terms { seats, minimum, .. } = *self.terms;
        let of = |map: &BTreeMap<usize, i64>, key: usize| map.get(&key).copied().unwrap_or_default();
        let pool = self.pool(site.regency);
        let (waiting, classes) = (of(&self.waiting, pool), of(&self.classes, pool));
        let enough = waiting + classes * seats >= (classes + 1) * minimum;
        let brings = [waiting, self.own[index], of(&self.near, site.regency)];
        (waiting > 0 && enough).then(|| brings.map(|people| people.clamp(0, seats)))
    }

    /// The site where one class more brings most; the first of those that are alike.
    fn best(&self) -> Option<usize> {
        if self.is_at_most() {
            return None;
        }
        let mut best: Option<([i64; 3], usize)> = None;
        for site in 0..self.sites.len() {
            if let Some(gain) = self.gain(site)
                && best.is_none_or(|(other, _)| gain > other)
            {
                best = Some((gain, site));
            }
        }
        best.map(|(_, site)| site)
    }

    /// Who sits where: everyone at the own school first, then in the regency, then anywhere within reach; classes that
    /// are short of people before the others, and at the end at the cost of those that have more than they need.
    fn seated(&self) -> Vec<BTreeMap<usize, i64>> {
        let Terms { seats, minimum, .. } = *self.terms;
        let mut left: Vec<i64> = self.groups.iter().map(|group| group.people).collect();
        let mut seated: Vec<BTreeMap<usize, i64>> = vec![BTreeMap::new(); self.sites.len()];
        for (how, size) in [
            (Why::OwnSchool, seats),
            (Why::SameRegency, minimum),
            (Why::SameRegency, seats),
            (Why::SameProvince, minimum),
            (Why::SameProvince, seats),
        ] {
            for (index, site) in self.sites.iter().enumerate() {
                let mut room = self.opened[index] * size - seated[index].values().sum::<i64>();
                for (number, group) in self.groups.iter().enumerate() {
                    if room <= 0 {
                        break;
                    }
                    let people = left[number].min(room);
                    if people > 0 && self.nearness(group, site) == Some(how) {
                        *seated[index].entry(number).or_default() += people;
                        left[number] -= people;
                        room -= people;
                    }
                }
            }
        }
        self.even_out(&mut seated);
        seated
    }

    /// Sends people from classes that have more than they need to those of the pool that have fewer, the furthest first.
    fn even_out(&self, seated: &mut [BTreeMap<usize, i64>]) {
        let spare = |seated: &[BTreeMap<usize, i64>], site: usize| {
            seated[site].values().sum::<i64>() - self.opened[site] * self.terms.minimum
        };
        for to in 0..self.sites.len() {
            if spare(seated, to) >= 0 {
                continue;
            }
            let mut givers: Vec<(Option<Why>, usize, usize)> = (0..self.sites.len())
                .filter(|from| self.pool(self.sites[*from].regency) == self.pool(self.sites[to].regency))
                .flat_map(|from| seated[from].keys().map(move |group| (from, *group)))
                .map(|(from, group)| (self.nearness(&self.groups[group], &self.sites[from]), from, group))
                .collect();
            givers.sort_by(|one, other| other.0.cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
            for (_, from, group) in givers {
                let there = seated[from].get(&group).copied().unwrap_or_default();
                let people = there.min(spare(seated, from)).min(-spare(seated, to));
                if people > 0 {
                    *seated[from].entry(group).or_default() -= people;
                    *seated[to].entry(group).or_default() += people;
                }
            }
        }
    }

    /// The people of each site, in as many parts of about the same size as it has classes; of few schools each.
    fn classes(&self, seated: &[BTreeMap<usize, i64>]) -> Vec<NewClass> {
        let mut rest: Vec<Vec<(Why, usize, i64)>> = Vec::new();
        for (site, people) in self.sites.iter().zip(seated) {
            let near = |(group, people): (&usize, &i64)| {
                self.nearness(&self.groups[*group], site).map(|why| (why, *group, *people))
            };
            let mut people: Vec<_> = people.iter().filter_map(near).filter(|(.., people)| *people > 0).collect();
            people.sort_unstable();
            rest.push(people);
        }
        let mut to_come = self.opened.clone();
        let mut part = |site: usize| {
            let all: i64 = rest[site].iter().map(|(.., people)| people).sum();
            let mut wanted = (all + to_come[site] - 1) / to_come[site].max(1);
            to_come[site] -= 1;
            let mut people = Vec::new();
            for (why, group, there) in &mut rest[site] {
                let some = wanted.min(*there);
                if some > 0 {
                    people.push((*group, *why, some));
                    wanted -= some;
                    *there -= some;
                }
            }
            NewClass { site, people }
        };
        self.order.iter().map(|site| part(*site)).collect()
    }

    /// What a site is short of for so many classes more than were opened, the last of which is counted here.
    fn lacks(&self, index: usize, more: More) -> Vec<Lack> {
        let (site, opened) = (&self.sites[index], self.opened[index]);
        let mut lacks = Vec::new();
        if site.allowed.is_some_and(|allowed| allowed <= opened + more.classes) {
            lacks.push(Lack::Agreement);
        }
        if site.places > opened + more.placed {
            return lacks;
        }
        let (taught, roomed) = (site.taught > opened + more.taught, site.roomed > opened + more.roomed);
        match (taught, roomed) {
            (_, true) => lacks.push(Lack::Teacher),
            (true, false) => lacks.push(Lack::Room),
            (false, false) => lacks.extend([Lack::Teacher, Lack::Room]),
        }
        lacks
    }

    fn in_the_way(&self, index: usize, left: &[i64]) -> Vec<Lack> {
        let site = &self.sites[index];
        if self.left_in(self.pool(site.regency), left) < self.terms.minimum.max(1) {
            return vec![Lack::People];
        }
        let lacks = self.lacks(index, More::default());
        if lacks.is_empty() { vec![Lack::Limit] } else { lacks }
    }

    fn left_in(&self, pool: usize, left: &[i64]) -> i64 {
        let groups = self.groups.iter().zip(left).filter(|(group, _)| self.pool(group.regency) == pool);
        groups.map(|(_, left)| *left).sum()
    }

    /// Goes on opening classes for those who are left, each where the least is missing and, of such sites, the nearest.
    fn missing(&self, mut left: Vec<i64>) -> BTreeMap<Missing, (i64, i64)> {
        let mut missing: BTreeMap<Missing, (i64, i64)> = BTreeMap::new();
        let mut more = vec![More::default(); self.sites.len()];
        loop {
            let rest = Rest::of(self.groups, &left);
            let Some(regency) = rest.most() else { return missing };
            let pool = self.pool(regency);
            let people = self.left_in(pool, &left).min(self.terms.seats);
            let found = if people < self.terms.minimum {
                Missing { regency, site: None, lacks: vec![Lack::People] }
            } else {
                self.least_missing(regency, &rest, &more)
            };
            if let Some(site) = found.site {
                more[site].add(&found.lacks);
            }
            self.take(&mut left, pool, &found, people);
            let (classes, seated) = missing.entry(found).or_default();
            *classes += 1;
            *seated += people;
        }
    }

    /// Takes so many people of a pool off those who are left, the nearest first.
    fn take(&self, left: &mut [i64], pool: usize, to: &Missing, people: i64) {
        let site = to.site.map(|site| &self.sites[site]);
        let mut nearest: Vec<usize> =
            (0..left.len()).filter(|group| self.pool(self.groups[*group].regency) == pool).collect();
        nearest.sort_by_key(|group| {
            let group = &self.groups[*group];
            let near = site.and_then(|site| self.nearness(group, site));
            (near.unwrap_or(Why::SameProvince), group.regency != to.regency)
        });
        let mut wanted = people;
        for group in nearest {
            let some = wanted.min(left[group]);
            left[group] -= some;
            wanted -= some;
        }
    }

    /// The site where the least is missing for one class more; of those, one in the regency, then one whose own school
    /// has most people left.
    fn least_missing(&self, regency: usize, rest: &Rest, more: &[More]) -> Missing {
        let all = [Lack::Agreement, Lack::Teacher, Lack::Room];
        let sites = self.sites.iter().enumerate().filter(|(_, site)| self.pool(site.regency) == self.pool(regency));
        let lacking = sites.map(|(index, site)| {
            let lacks = self.lacks(index, more[index]);
            let own = rest.by_school.get(&site.partner).copied().unwrap_or_default();
            let order = (lacks.len(), site.regency != regency, Reverse(own), index);
            (order, Missing { regency: site.regency, site: Some(index), lacks })
        });
        let least = lacking.min_by_key(|(order, _)| *order).map(|(_, missing)| missing);
        let mut least = least.filter(|missing| missing.lacks != all).unwrap_or_else(|| Missing {
            regency,
            site: None,
            lacks: all.to_vec(),
        });
        if least.lacks.is_empty() {
            least.lacks.push(Lack::Limit);
        }
        least
    }
}

/// People who are left, added up.
struct Rest {
    by_regency: BTreeMap<usize, i64>,
    by_school: BTreeMap<Id, i64>,
}

impl Rest {
    fn of(groups: &[Group], left: &[i64]) -> Self {
        let mut rest = Self { by_regency: BTreeMap::new(), by_school: BTreeMap::new() };
        for (group, left) in groups.iter().zip(left) {
            *rest.by_regency.entry(group.regency).or_default() += left;
            if let Some(school) = group.school {
                *rest.by_school.entry(school).or_default() += left;
            }
        }
        rest
    }

    /// The regency in which most people are left, if any are.
    fn most(&self) -> Option<usize> {
        let most = self
            .by_regency
            .iter()
            .filter(|(_, left)| **left > 0)
            .max_by_key(|(regency, left)| (**left, Reverse(**regency)));
        most.map(|(regency, _)| *regency)
    }
}

/// Classes that are thought of beyond those that can be opened, by what they use up.
#[derive(Debug, Clone, Copy, Default)]
struct More {
    classes: i64,
    placed: i64,
    taught: i64,
    roomed: i64,
}

impl More {
    fn add(&mut self, lacks: &[Lack]) {
        let (no_teacher, no_room) = (lacks.contains(&Lack::Teacher), lacks.contains(&Lack::Room));
        self.classes += 1;
        self.placed += i64::from(!no_teacher && !no_room);
        self.taught += i64::from(!no_teacher);
        self.roomed += i64::from(!no_room);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Lack::{Agreement, Room, Teacher};
    use super::*;

    fn id(number: usize) -> Id {
        Id::from_i64(i64::try_from(number).unwrap()).unwrap()
    }

    fn group(school: usize, regency: usize, people: i64) -> Group {
        Group { school: Some(id(school)), regency, people }
    }

    /// A host with everything for so many classes.
    fn site(partner: usize, regency: usize, classes: i64) -> Site {
        Site { partner: id(partner), regency, allowed: None, places: classes, taught: classes, roomed: classes }
    }

    const TERMS: Terms = Terms { seats: 30, minimum: 16, most: None, reach: Reach::Regency };

    fn opened(plan: &Plan) -> Vec<(usize, Vec<(usize, i64)>)> {
        let people = |class: &NewClass| class.people.iter().map(|(group, _, people)| (*group, *people)).collect();
        plan.classes.iter().map(|class| (class.site, people(class))).collect()
    }

    /// Regency, site, what is missing, classes, people.
    type Row = (usize, Option<usize>, Vec<Lack>, i64, i64);

    fn missing(plan: &Plan) -> Vec<Row> {
        let row = |(what, numbers): (&Missing, &(i64, i64))| {
            (what.regency, what.site, what.lacks.clone(), numbers.0, numbers.1)
        };
        plan.missing.iter().map(row).collect()
    }

    #[test]
    fn two_schools_share_a_class() {
        let groups = [group(1, 0, 12), group(2, 0, 18)];
        let found = plan(&groups, &[site(1, 0, 1), site(2, 0, 1)], &TERMS);
        // At the school of most of them.
        assert_eq!(opened(&found), [(1, vec![(1, 18), (0, 12)])]);
        assert_eq!(found.classes[0].people[1], (0, Why::SameRegency, 12));
        assert_eq!((missing(&found), found.next), (vec![], vec![vec![Lack::People]; 2]));
    }

    #[test]
    fn the_minimum_of_each_class_is_respected() {
        // 31 people are one class and one left over; 32 are two classes.
        let found = plan(&[group(1, 0, 31)], &[site(1, 0, 5)], &TERMS);
        assert_eq!(opened(&found), [(0, vec![(0, 30)])]);
        assert_eq!(missing(&found), [(0, None, vec![Lack::People], 1, 1)]);
        assert_eq!(
            opened(&plan(&[group(1, 0, 32)], &[site(1, 0, 5)], &TERMS)),
            [(0, vec![(0, 16)]), (0, vec![(0, 16)])]
        );
        // Who has enough gives to who has too few.
        let found = plan(&[group(1, 0, 30), group(2, 0, 5)], &[site(1, 0, 1), site(2, 0, 1)], &TERMS);
        assert_eq!(opened(&found), [(0, vec![(0, 19)]), (1, vec![(1, 5), (0, 11)])]);
        assert_eq!(opened(&plan(&[group(1, 0, 15)], &[site(1, 0, 5)], &TERMS)), []);
    }

    #[test]
    fn students_stay_in_their_regency_and_others_may_travel() {
        let (groups, sites) = ([group(1, 0, 30), group(2, 1, 30)], [site(1, 0, 2)]);
        let found = plan(&groups, &sites, &TERMS);
        assert_eq!(opened(&found), [(0, vec![(0, 30)])]);
        assert_eq!(missing(&found), [(1, None, vec![Lack::Agreement, Lack::Teacher, Lack::Room], 1, 30)]);
        let found = plan(&groups, &sites, &Terms { reach: Reach::Province, ..TERMS });
        assert_eq!(opened(&found), [(0, vec![(0, 30)]), (0, vec![(1, 30)])]);
        assert_eq!(found.classes[1].people[0].1, Why::SameProvince);
    }

    #[test]
    fn what_is_missing_is_named_where_the_least_is() {
        let short = |allowed: Option<i64>, taught: i64, roomed: i64| {
            let places = taught.min(roomed);
            Site { allowed, places, taught, roomed, ..site(1, 0, 0) }
        };
        let of = |site: Site, classes: i64| {
            let found = plan(&[group(1, 0, 30 * classes)], &[site], &TERMS);
            let rows: Vec<_> =
                missing(&found).into_iter().map(|(_, site, lacks, classes, _)| (site, lacks, classes)).collect();
            (found.classes.len(), rows, found.next[0].clone())
        };
        let all = vec![Agreement, Teacher, Room];
        assert_eq!(
            of(short(None, 1, 3), 4),
            (1, vec![(Some(0), vec![Teacher], 2), (Some(0), vec![Teacher, Room], 1)], vec![Teacher])
        );
        assert_eq!(
            of(short(Some(3), 2, 0), 4),
            (0, vec![(None, all.clone(), 1), (Some(0), vec![Teacher, Room], 1), (Some(0), vec![Room], 2)], vec![Room])
        );
        assert_eq!(
            of(short(Some(0), 1, 1), 2),
            (0, vec![(None, all, 1), (Some(0), vec![Agreement], 1)], vec![Agreement])
        );
    }

    #[test]
    fn as_many_as_were_asked_for_and_no_more() {
        let groups = [group(1, 0, 40), group(2, 1, 90)];
        let found = plan(&groups, &[site(1, 0, 2), site(2, 1, 3)], &Terms { most: Some(3), ..TERMS });
        let sites: Vec<usize> = found.classes.iter().map(|class| class.site).collect();
        // A class of ten would be worth less than each full one.
        assert_eq!(sites, [0, 1, 1]);
        assert_eq!(missing(&found), [(0, None, vec![Lack::People], 1, 10), (1, Some(1), vec![Lack::Limit], 1, 30)]);
    }

    #[test]
    fn a_province_is_planned_in_moments() {
        let groups: Vec<Group> = (0..2_000).map(|school| group(school + 1, school % 38, 25)).collect();
        let sites: Vec<Site> = (0..400).map(|host| site(host * 5 + 1, host * 5 % 38, 3)).collect();
        for reach in [Reach::Regency, Reach::Province] {
            let found = plan(&groups, &sites, &Terms { reach, ..TERMS });
            let people: i64 = found.classes.iter().flat_map(|class| &class.people).map(|(.., people)| people).sum();
            let missing: i64 = found.missing.values().map(|(_, people)| people).sum();
            assert_eq!(people + missing, 50_000);
        }
    }

    /// The best there is, found by trying everything: people seated, classes saved, people at their own school.
    fn best(groups: &[Group], sites: &[Site], terms: &Terms) -> [i64; 3] {
        let mut best = [0; 3];
        let limits: Vec<i64> = sites.iter().map(|site| site.places.min(site.allowed.unwrap_or(i64::MAX))).collect();
        let mut opened = vec![0; sites.len()];
        loop {
            let classes: i64 = opened.iter().sum();
            if terms.most.is_none_or(|most| classes <= most)
                && let Some((seated, own)) = seat_all_ways(groups, sites, terms, &opened)
            {
                best = best.max([seated, -classes, own]);
            }
            let Some(next) = (0..sites.len()).find(|site| opened[*site] < limits[*site]) else { return best };
            opened[next] += 1;
            opened[..next].fill(0);
        }
    }

    fn seat_all_ways(groups: &[Group], sites: &[Site], terms: &Terms, opened: &[i64]) -> Option<(i64, i64)> {
        fn go(
            (groups, sites, terms, opened): (&[Group], &[Site], &Terms, &[i64]),
            pair: usize,
            left: &mut Vec<i64>,
            there: &mut Vec<i64>,
            own: i64,
        ) -> Option<(i64, i64)> {
            if pair == groups.len() * sites.len() {
                let sound = there.iter().zip(opened).all(|(people, classes)| *people >= classes * terms.minimum);
                return sound.then(|| (there.iter().sum(), own));
            }
            let (group, site) = (pair / sites.len(), pair % sites.len());
            let near = nearness(
                terms.reach,
                groups[group].school == Some(sites[site].partner),
                groups[group].regency == sites[site].regency,
            );
            let most = if near.is_some() { left[group].min(opened[site] * terms.seats - there[site]) } else { 0 };
            (0..=most)
                .filter_map(|people| {
                    left[group] -= people;
                    there[site] += people;
                    let own = own + if near == Some(Why::OwnSchool) { people } else { 0 };
                    let found = go((groups, sites, terms, opened), pair + 1, left, there, own);
                    left[group] += people;
                    there[site] -= people;
                    found
                })
                .max()
        }
        let mut left = groups.iter().map(|group| group.people).collect();
        go((groups, sites, terms, opened), 0, &mut left, &mut vec![0; sites.len()], 0)
    }

    proptest! {
        #[test]
        fn nothing_is_better(
            people in proptest::collection::vec((0_usize..2, 0_i64..5), 1..4),
            hosts in proptest::collection::vec((0_i64..3, 0_i64..3), 1..4),
            (seats, spare) in (1_i64..4, 0_i64..3),
            most in proptest::option::of(0_i64..4),
            travels in proptest::bool::ANY,
        ) {
            let groups: Vec<Group> = people.iter().enumerate().map(|(school, (regency, people))| group(school + 1, *regency, *people)).collect();
            let sites: Vec<Site> = hosts.iter().enumerate().map(|(host, (allowed, places))| {
                // A host that is no school of these stands in the first regency.
                let regency = groups.get(host).map_or(0, |group| group.regency);
                Site { allowed: Some(*allowed), ..site(host + 1, regency, *places) }
            }).collect();
            let reach = if travels { Reach::Province } else { Reach::Regency };
            let terms = Terms { seats, minimum: (seats - spare).max(1), most, reach };
            let found = plan(&groups, &sites, &terms);
            let of = |why: Option<Why>| -> i64 {
                let people = found.classes.iter().flat_map(|class| &class.people);
                people.filter(|(_, how, _)| why.is_none_or(|why| why == *how)).map(|(.., people)| people).sum()
            };
            let classes = i64::try_from(found.classes.len()).unwrap();
            prop_assert_eq!([of(None), -classes, of(Some(Why::OwnSchool))], best(&groups, &sites, &terms));
            for class in &found.classes {
                let size: i64 = class.people.iter().map(|(.., people)| people).sum();
                prop_assert!((terms.minimum..=terms.seats).contains(&size), "{:?}", class);
            }
            // Nobody is lost: whoever has no seat waits for something that has a name.
            let all: i64 = groups.iter().map(|group| group.people).sum();
            prop_assert_eq!(of(None) + found.missing.values().map(|(_, people)| people).sum::<i64>(), all);
            prop_assert!(found.missing.keys().all(|missing| !missing.lacks.is_empty()));
        }
    }
}
