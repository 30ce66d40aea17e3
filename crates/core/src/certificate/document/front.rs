//! The first page: the certificate itself.

use rust_decimal::Decimal;

use super::{LANDSCAPE, Layout, Signatory, Snapshot, WIDTH, ornament};
use crate::print::canvas::{Child, Element, Hung, Role, Shape, Sheet};
use crate::print::figure::{self, BRONZE, GREY, INK, NAVY};
use crate::print::fonts::Letter;
use crate::print::paragraph::{Align, Paragraph, Room, Style};
use crate::print::shape::Typesetter;
use crate::print::words::{self, Language};
use crate::print::{Picture, PrintError};
use crate::values::Bilingual;

/// Edges of what is printed, in points.
const LEFT: f32 = 70.0;
const RIGHT: f32 = WIDTH - LEFT;
const CENTER: f32 = WIDTH / 2.0;
/// Where the flow from letterhead to facts begins and ends, in points from the top.
const TOP: f32 = 54.0;
const BOTTOM: f32 = 436.0;
/// Sizes of type tried for the flow, and how far its spaces may shrink.
const SCALES: [f32; 5] = [1.0, 0.93, 0.86, 0.79, 0.72];
const TIGHTEST: f32 = 0.45;
/// Space between the lines of a fact in points.
const STACK: f32 = 1.5;
/// Where QR code and signature begin.
const FOOT: f32 = 450.0;
/// Width of the QR code in points.
const QR: f32 = 78.0;
/// Width and height that a logo may take, and the space beside it, in points.
const LOGO: (f32, f32) = (96.0, 60.0);
const LOGO_GAP: f32 = 14.0;
/// Width of what is typed to check the certificate, and of a signature: alone, and with another one beside it.
const ALONE: (f32, f32) = (215.0, 280.0);
const TOGETHER: (f32, f32) = (150.0, 212.0);

/// Size of a signatory's name, alone on its line and on two of them, and how far a line stays from the edges of its room.
const NAME: f32 = 14.0;
const NAME_IN_LINES: f32 = 11.5;
const INSET: f32 = 8.0;

const INDONESIAN: Language = Language::Indonesian;
const ENGLISH: Language = Language::English;

/// One thing in the flow, with the space before it in points, which stretches and shrinks with the page.
struct Block {
    space: f32,
    height: f32,
    content: Content,
}

enum Content {
    Text(Paragraph, Role),
    Divider(f32),
    /// Columns of label, Indonesian and English.
    Facts(Vec<[Paragraph; 3]>),
}

/// How a name stands above its line.
struct Hand {
    size: f32,
    lines: usize,
    /// Room of the name, and how far the line stays from the edges, in points.
    width: f32,
    inset: f32,
}

/// Sets the texts of the page in a room, at a scale.
struct Press<'t, 'f> {
    typesetter: &'t Typesetter<'f>,
    width: f32,
    scale: f32,
}

/// Lays the page out.
pub(super) fn lay_out(
    snapshot: &Snapshot,
    picture: Option<&Picture>,
    typesetter: &Typesetter,
) -> Result<Sheet, PrintError> {
    let mut decoration = ornament::frame();
    decoration.extend(ornament::rosette(CENTER, 288.0, 205.0));
    let mut elements: Vec<Element> = picture.map(|picture| logo(snapshot, picture)).into_iter().collect();
    flow(fitting(snapshot, typesetter)?, &mut elements, &mut decoration);
    let second = snapshot.layout.as_ref().and_then(|layout| layout.second_signatory.as_ref());
    let (typed, signed) = if second.is_some() { TOGETHER } else { ALONE };
    verification(snapshot, typesetter, typed, &mut elements)?;
    let press = Press { typesetter, width: signed, scale: 1.0 };
    let day = join(&[&snapshot.issued_at_place, &words::day(snapshot.issued_on, INDONESIAN)], ", ");
    let day = press.fit("issued_at_place", &day, Style::indonesian(Letter::Serif, 12.0, INK), 1, 7.0)?;
    let top = FOOT + day.height();
    let mut hand = Hand { size: NAME, lines: 1, width: signed, inset: 24.0 };
    if let Some(second) = second {
        if snapshot.layout.as_ref().is_some_and(|layout| layout.names_alike) {
            hand = Hand::alike(&press, snapshot, second)?;
        }
        let fields = ["second_signatory.title", "second_signatory.name", "second_signatory.nip"];
        signature(second, fields, &press, &hand, (RIGHT - 2.0 * signed, top), &mut elements, &mut decoration)?;
    }
    elements.extend(day.element(Role::Paragraph, Align::Center, RIGHT - signed, signed, FOOT));
    let fields = ["signatory.title", "signatory.name", "signatory.nip"];
    signature(&snapshot.signatory, fields, &press, &hand, (RIGHT - signed, top), &mut elements, &mut decoration)?;
    Ok(Sheet { orientation: LANDSCAPE, bookmark: "Sertifikat Pelatihan".to_owned(), decoration, elements })
}

/// The logo at the left of the letterhead.
fn logo(snapshot: &Snapshot, picture: &Picture) -> Element {
    let (width, height) = picture.within(LOGO);
    let area = [LEFT + (LOGO.0 - width) / 2.0, TOP + (LOGO.1 - height) / 2.0, width, height];
    let alternative = format!("Logo {}", snapshot.issuer.name);
    let children = vec![Child::Picture(Hung { picture: picture.clone(), area })];
    Element { role: Role::Figure { alternative }, language: INDONESIAN, children }
}

/// The blocks of the flow in the largest type in which all of them fit.
fn fitting(snapshot: &Snapshot, typesetter: &Typesetter) -> Result<Vec<Block>, PrintError> {
    for scale in SCALES {
        let blocks = blocks(snapshot, typesetter, scale)?;
        if stretch(&blocks) >= TIGHTEST {
            return Ok(blocks);
        }
    }
    let texts = [
        ("holder_name", &snapshot.holder_name),
        ("program_name", &snapshot.program_name.id),
        ("program_name", &snapshot.program_name.en),
        ("issuer.name", &snapshot.issuer.name),
    ];
    let longest = texts.into_iter().max_by_key(|(_, text)| text.len());
    Err(PrintError::TooLong { field: longest.map_or("holder_name", |(field, _)| field) })
}

fn blocks(snapshot: &Snapshot, typesetter: &Typesetter, scale: f32) -> Result<Vec<Block>, PrintError> {
    let press = Press { typesetter, width: RIGHT - LEFT, scale };
    let issuer = &snapshot.issuer;
    let place = join(&[&issuer.kind.id, &issuer.regency], " · ");
    let number = format!("Nomor: {}", snapshot.number);
    let birth = |word: &str, language| {
        format!("{word} {}, {}", snapshot.birth_place, words::day(snapshot.birth_date, language))
    };
    let (lahir, born) = (birth("Lahir di", INDONESIAN), birth("Born in", ENGLISH));
    let class = join(&[&snapshot.program_code, &snapshot.cohort_name, &snapshot.class_name], " · ");
    let program = &snapshot.program_name;
    let heading = Role::Heading { level: 1, title: "Sertifikat Pelatihan".to_owned() };

    let title = Style::indonesian(Letter::Serif, 32.0, NAVY).spaced(0.09);
    let below_title = Style::english(Letter::Serif, 11.0, BRONZE).spaced(0.05);
    let institution = Style::indonesian(Letter::Bold, 13.0, NAVY).spaced(0.05);
    let detail = Style::indonesian(Letter::Sans, 9.5, INK);
    let name = Style::indonesian(Letter::Serif, 38.0, NAVY);
    let subject = Style::indonesian(Letter::Serif, 21.0, NAVY);
    let plain = Style::indonesian(Letter::Serif, 11.5, INK);
    let small = Style::english(Letter::Italic, 9.5, GREY);

    let title = press.fit("", "SERTIFIKAT PELATIHAN", title, 1, 16.0)?;
    let layout = snapshot.layout.as_ref();
    let line = |part: fn(&Layout) -> &Option<String>| layout.and_then(|layout| part(layout).as_deref());
    let of_logo = if snapshot.logo_sha256().is_some() { 2.0 * (LOGO.0 + LOGO_GAP) } else { 0.0 };
    let head = Press { width: press.width - of_logo, ..press };
    let heading_line = line(|layout| &layout.heading).unwrap_or_default();
    let address =
        join(&[line(|layout| &layout.address), line(|layout| &layout.contact)].map(Option::unwrap_or_default), " · ");
    let accreditation = layout.and_then(|layout| layout.accreditation.as_ref());
    let accredited =
        |language: fn(&Bilingual) -> &String| accreditation.map(|text| language(text).as_str()).unwrap_or_default();
    let mut blocks = vec![
        text(0.0, head.fit("heading", heading_line, detail.sized(10.5), 2, 7.5)?),
        text(0.0, head.fit("issuer.name", &issuer.name, institution, 2, 9.0)?),
        text(1.5, head.fit("issuer.kind", &place, detail, 2, 7.5)?),
        text(0.0, head.fit("issuer.kind", &issuer.kind.en, small.sized(9.0), 2, 7.5)?),
        text(1.0, head.fit("address", &address, detail.sized(8.8), 2, 6.5)?),
        text(1.0, head.fit("accreditation", accredited(|text| &text.id), detail.sized(8.8), 2, 6.5)?),
        text(0.0, head.fit("accreditation", accredited(|text| &text.en), small.sized(8.5), 2, 6.5)?),
        Block { space: 9.0, height: 6.0, content: Content::Divider(150.0) },
        Block { space: 9.0, height: 34.0 * scale, content: Content::Text(title, heading) },
        text(1.0, press.fit("", "TRAINING CERTIFICATE", below_title, 1, 7.0)?),
        text(5.0, press.fit("number", &number, detail.sized(10.5), 1, 6.5)?),
        text(14.0, press.fit("", "Diberikan kepada", plain, 1, 7.0)?),
        text(-1.0, press.fit("", "This certificate is awarded to", small, 1, 6.0)?),
        text(4.0, press.fit("holder_name", &snapshot.holder_name, name, 3, 15.0)?),
        Block { space: 5.0, height: 6.0, content: Content::Divider(330.0) },
        text(5.0, press.fit("birth_place", &lahir, plain, 2, 8.0)?),
        text(-1.0, press.fit("birth_place", &born, small, 2, 7.5)?),
        text(11.0, press.fit("", "telah menyelesaikan program pelatihan", plain, 1, 7.0)?),
        text(-1.0, press.fit("", "has completed the training program", small, 1, 6.0)?),
        text(5.0, press.fit("program_name", &program.id, subject, 2, 13.0)?),
        text(0.0, press.fit("program_name", &program.en, small.sized(12.0), 2, 8.5)?),
        text(3.0, press.fit("cohort_name", &class, detail, 2, 7.0)?),
    ];
    let facts = facts(snapshot, typesetter, scale)?;
    let height = facts.iter().map(|fact| fact.iter().map(|text| text.height() + STACK).sum()).fold(0.0, f32::max);
    blocks.push(Block { space: 17.0, height, content: Content::Facts(facts) });
    blocks.retain(|block| block.height > 0.0);
    Ok(blocks)
}

/// Period, length and result.
fn facts(snapshot: &Snapshot, typesetter: &Typesetter, scale: f32) -> Result<Vec<[Paragraph; 3]>, PrintError> {
    let period = |language| words::period(snapshot.starts_on, snapshot.ends_on, language);
    let hours = |language| words::quantity(Decimal::from(snapshot.lesson_hours), language);
    let each = snapshot.minutes_per_lesson_hour;
    let minutes = u64::from(snapshot.lesson_hours) * u64::from(each);
    let clock = |language| words::quantity(Decimal::from(minutes) / Decimal::from(60), language);
    let duration = format!("{} JP ({} jam)", hours(INDONESIAN), clock(INDONESIAN));
    let duration_in_english = format!("{} lesson hours of {each} minutes ({} hours)", hours(ENGLISH), clock(ENGLISH));
    let rows = [
        ("starts_on", "PELAKSANAAN · PERIOD", period(INDONESIAN), period(ENGLISH)),
        ("lesson_hours", "LAMA PELATIHAN · DURATION", duration, duration_in_english),
        ("predicate", "HASIL · RESULT", result(snapshot, INDONESIAN), result(snapshot, ENGLISH)),
    ];
    let press = Press { typesetter, width: column(0).1 - 14.0, scale };
    let heading = Style::indonesian(Letter::Bold, 7.5, BRONZE).spaced(0.08);
    let mut facts = Vec::with_capacity(rows.len());
    for (field, label, indonesian, english) in rows {
        facts.push([
            press.fit("", label, heading, 1, 5.0)?,
            press.fit(field, &indonesian, Style::indonesian(Letter::Serif, 13.0, INK), 2, 6.5)?,
            press.fit(field, &english, Style::english(Letter::Italic, 9.5, GREY), 2, 5.5)?,
        ]);
    }
    Ok(facts)
}

fn result(snapshot: &Snapshot, language: Language) -> String {
    let predicate = match (&snapshot.predicate, language) {
        (Some(predicate), Language::Indonesian) => predicate.id.as_str(),
        (Some(predicate), Language::English) => predicate.en.as_str(),
        (None, Language::Indonesian) => "Selesai",
        (None, Language::English) => "Completed",
    };
    match snapshot.final_score {
        Some(score) => format!("{predicate} ({})", words::score(score, language)),
        None => predicate.to_owned(),
    }
}

/// How far the spaces stretch, with which the blocks fill the page.
fn stretch(blocks: &[Block]) -> f32 {
    let height: f32 = blocks.iter().map(|block| block.height).sum();
    let space: f32 = blocks.iter().map(|block| block.space).sum();
    (BOTTOM - TOP - height) / space.max(1.0)
}

/// Sets the blocks one below the other; what a short page leaves over goes above and below.
fn flow(blocks: Vec<Block>, elements: &mut Vec<Element>, shapes: &mut Vec<Shape>) {
    let stretch = stretch(&blocks).min(1.5);
    let used: f32 = blocks.iter().map(|block| block.height + block.space * stretch).sum();
    let mut top = TOP + (BOTTOM - TOP - used) / 2.0;
    for block in blocks {
        top += block.space * stretch;
        match block.content {
            Content::Text(text, role) => {
                elements.extend(text.element(role, Align::Center, LEFT, RIGHT - LEFT, top));
            }
            Content::Divider(width) => shapes.extend(ornament::divider(CENTER, top + block.height / 2.0, width)),
            Content::Facts(facts) => {
                for (index, fact) in facts.iter().enumerate() {
                    elements.push(stack(fact, column(index), top));
                    if index > 0 {
                        let (left, _) = column(index);
                        shapes.extend(figure::block(left, top + 3.0, 0.5, block.height - 5.0, BRONZE));
                    }
                }
            }
        }
        top += block.height;
    }
}

/// Left edge and width of one of the three columns of facts.
fn column(index: usize) -> (f32, f32) {
    let width = (RIGHT - LEFT) / 3.0;
    let left = match index {
        0 => LEFT,
        1 => LEFT + width,
        _ => LEFT + 2.0 * width,
    };
    (left, width)
}

/// Paragraphs below each other as one element.
fn stack(texts: &[Paragraph], (left, width): (f32, f32), mut top: f32) -> Element {
    let mut children = Vec::new();
    for text in texts {
        children.extend(text.place(Align::Center, left, width, top));
        top += text.height() + STACK;
    }
    Element { role: Role::Paragraph, language: INDONESIAN, children }
}

/// The QR code, which is a link too, and what to type where there is no camera.
fn verification(
    snapshot: &Snapshot,
    typesetter: &Typesetter,
    width: f32,
    elements: &mut Vec<Element>,
) -> Result<(), PrintError> {
    let address = &snapshot.verification_url;
    let alternative = format!("Kode QR ke halaman verifikasi: {address}");
    let figure = Element {
        role: Role::Figure { alternative: alternative.clone() },
        language: INDONESIAN,
        children: vec![Child::Shape(figure::qr(address, "verification_url", (LEFT, FOOT + 6.0), QR)?)],
    };
    elements.push(Element {
        role: Role::Link { address: address.clone(), alternative, area: [LEFT, FOOT + 6.0, QR, QR] },
        language: INDONESIAN,
        children: vec![Child::Element(figure)],
    });

    let left = LEFT + QR + 14.0;
    let press = Press { typesetter, width, scale: 1.0 };
    let groups = words::groups(&snapshot.verification_code);
    let ask = Style::indonesian(Letter::Bold, 9.5, NAVY);
    let ask_in_english = Style::english(Letter::Italic, 9.0, GREY);
    let typed = Style::indonesian(Letter::Sans, 8.5, INK);
    let code = Style::indonesian(Letter::Bold, 10.0, INK).spaced(0.04);
    let texts = [
        press.fit("", "Periksa keaslian sertifikat ini", ask, 1, 8.0)?,
        press.fit("", "Check that this certificate is genuine", ask_in_english, 1, 8.0)?,
        press.fit("verification_url", address, typed, 3, 6.0)?,
        press.fit("verification_code", &groups, code, 2, 7.0)?,
    ];
    let height: f32 = texts.iter().map(Paragraph::height).sum();
    let mut top = FOOT + 6.0 + (QR - height - 8.0) / 2.0;
    for (index, text) in texts.iter().enumerate() {
        if index > 1 {
            top += 4.0;
        }
        elements.extend(text.element(Role::Paragraph, Align::Left, left, press.width, top));
        top += text.height();
    }
    Ok(())
}

impl Hand {
    /// The size in which both names stay above their lines.
    fn alike(press: &Press, snapshot: &Snapshot, second: &Signatory) -> Result<Self, PrintError> {
        let mut hand = Self { size: NAME, lines: 2, width: press.width - 2.0 * INSET, inset: INSET };
        let both = [("signatory.name", &snapshot.signatory), ("second_signatory.name", second)];
        // A smaller size may bring a name on one line, in a yet smaller one; after that nothing changes any more.
        for (field, who) in [both; 3].into_iter().flatten() {
            let name = hand.name(press, field, who)?;
            hand.size = if name.lines.len() > 1 { name.style.size.min(NAME_IN_LINES) } else { name.style.size };
        }
        Ok(hand)
    }

    fn name(&self, press: &Press, field: &'static str, who: &Signatory) -> Result<Paragraph, PrintError> {
        let press = Press { width: self.width, ..*press };
        press.fit(field, &who.name, Style::indonesian(Letter::Serif, self.size, NAVY), self.lines, 6.0)
    }
}

/// Office, room for signature and seal, name and NIP. The fields are those of title, name and NIP.
fn signature(
    who: &Signatory,
    fields: [&'static str; 3],
    press: &Press,
    hand: &Hand,
    (left, top): (f32, f32),
    elements: &mut Vec<Element>,
    shapes: &mut Vec<Shape>,
) -> Result<(), PrintError> {
    let nip = who.nip.as_deref().filter(|nip| !nip.trim().is_empty());
    let nip = nip.map(|nip| format!("NIP {nip}")).unwrap_or_default();
    let detail = Style::indonesian(Letter::Sans, 10.0, INK);

    let title = press.fit(fields[0], &who.title, detail, 2, 7.0)?;
    let name = hand.name(press, fields[1], who)?;
    let nip = press.fit(fields[2], &nip, detail.sized(9.5), 1, 7.0)?;

    let line = FOOT + 82.0;
    for (text, top) in [(&title, top), (&name, line - name.height()), (&nip, line + 4.0)] {
        elements.extend(text.element(Role::Paragraph, Align::Center, left, press.width, top));
    }
    shapes.extend(figure::rule(left + hand.inset, left + press.width - hand.inset, line + 1.0, BRONZE, 0.6));
    Ok(())
}

fn text(space: f32, text: Paragraph) -> Block {
    Block { space, height: text.height(), content: Content::Text(text, Role::Paragraph) }
}

fn join(parts: &[&str], between: &str) -> String {
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    parts.join(between)
}

impl Press<'_, '_> {
    fn fit(
        &self,
        field: &'static str,
        text: &str,
        style: Style,
        lines: usize,
        smallest: f32,
    ) -> Result<Paragraph, PrintError> {
        let room = Room { width: self.width, lines, smallest };
        Paragraph::fit(self.typesetter, field, text, style.scaled(self.scale), room)
    }
}
