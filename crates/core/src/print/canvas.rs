//! Sheets of tagged text and shapes, and how they become a PDF.

use std::num::{NonZeroU16, NonZeroU32};

use chrono::{Datelike, NaiveDate};
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::error::KrillaError;
use krilla::geom::{Path, Point, Rect, Size, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};
use krilla::{Document, SerializeSettings};

use super::picture::Picture;
use super::shape::Shaped;
use super::words::Language;
use super::{Fonts, PrintError};

/// The long edge of A4 in points.
const LONG: f32 = 841.89;
/// The short edge of A4 in points.
const SHORT: f32 = 595.28;

/// How a sheet of A4 lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Orientation {
    Landscape,
    Portrait,
}

/// What a document says of itself. Nothing here depends on when or where it is printed.
pub(crate) struct Facts<'a> {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) author: String,
    /// What the document's identifier is made of.
    pub(crate) identity: String,
    /// The day that stands in the document.
    pub(crate) day: NaiveDate,
    pub(crate) attachment: Option<Attachment<'a>>,
}

/// A file inside the document that says in another form what the document says.
pub(crate) struct Attachment<'a> {
    pub(crate) name: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) description: &'static str,
    pub(crate) text: &'a str,
}

/// A colour, in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(pub(crate) u8, pub(crate) u8, pub(crate) u8);

/// One page: decoration for the eye, elements for all readers, in reading order.
pub(crate) struct Sheet {
    pub(crate) orientation: Orientation,
    /// The page's entry in the document outline.
    pub(crate) bookmark: String,
    pub(crate) decoration: Vec<Shape>,
    pub(crate) elements: Vec<Element>,
}

/// A node of the tag tree.
pub(crate) struct Element {
    pub(crate) role: Role,
    pub(crate) language: Language,
    pub(crate) children: Vec<Child>,
}

/// What an element is.
#[derive(Debug, Clone)]
pub(crate) enum Role {
    Heading {
        level: u16,
        title: String,
    },
    Paragraph,
    Table {
        summary: String,
    },
    TableHead,
    TableBody,
    TableFoot,
    Row,
    ColumnHeader,
    RowHeader {
        columns: u32,
    },
    Cell,
    Figure {
        alternative: String,
    },
    /// Its area, left, top, width and height in points, leads to the address. Only at the top of a sheet.
    Link {
        address: String,
        alternative: String,
        area: [f32; 4],
    },
}

/// What an element holds.
pub(crate) enum Child {
    Element(Element),
    Text(Placed),
    Shape(Shape),
    Picture(Hung),
}

/// A picture at its place on the page: left, top, width and height in points.
pub(crate) struct Hung {
    pub(crate) picture: Picture,
    pub(crate) area: [f32; 4],
}

/// A line of text at its place on the page.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) line: Shaped,
    /// In points from the left edge.
    pub(crate) x: f32,
    /// In points from the top edge.
    pub(crate) baseline: f32,
    /// Type size in points.
    pub(crate) size: f32,
    pub(crate) color: Color,
    pub(crate) language: Language,
}

/// A path, and how it is inked.
pub(crate) struct Shape {
    pub(crate) path: Path,
    pub(crate) ink: Ink,
}

/// How a path is inked. Lines have a width in points.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ink {
    Fill(Color),
    Line(Color, f32),
    /// Filled with the first colour and bounded by a line of the second.
    Both(Color, Color, f32),
}

impl Orientation {
    /// Width in points.
    pub(crate) const fn width(self) -> f32 {
        match self {
            Self::Landscape => LONG,
            Self::Portrait => SHORT,
        }
    }

    /// Height in points.
    pub(crate) const fn height(self) -> f32 {
        match self {
            Self::Landscape => SHORT,
            Self::Portrait => LONG,
        }
    }
}

/// Writes the sheets as a PDF. An attachment is the one thing PDF/A-3 allows beyond PDF/A-2.
///
/// # Errors
/// [`PrintError::Engine`] if the engine's validator refuses the result.
pub(crate) fn paint(sheets: &[Sheet], facts: &Facts, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(if facts.attachment.is_some() { Archival::A3_A } else { Archival::A2_A })
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| PrintError::Engine(format!("{error:?}")))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(metadata(facts));
    if let Some(attachment) = &facts.attachment {
        document.embed_file(embedded(attachment, facts.day));
    }

    let page_size = || PrintError::Engine("page size".to_owned());
    let mut tree = TagTree::new().with_lang(Some(code(Language::Indonesian).to_owned()));
    let mut outline = Outline::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let settings =
            PageSettings::from_wh(sheet.orientation.width(), sheet.orientation.height()).ok_or_else(page_size)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        for shape in &sheet.decoration {
            draw_shape(&mut surface, shape);
        }
        surface.end_tagged();
        let mut groups = Vec::with_capacity(sheet.elements.len());
        for element in &sheet.elements {
            groups.push(draw_element(&mut surface, element, fonts));
        }
        surface.finish();
        for (element, group) in sheet.elements.iter().zip(&mut groups) {
            if let Some(annotation) = annotation(&element.role) {
                group.push(page.add_tagged_annotation(annotation));
            }
        }
        page.finish();
        for group in groups {
            tree.push(group);
        }
        let top = XyzDestination::new(index, Point::from_xy(0.0, 0.0));
        outline.push_child(OutlineNode::new(sheet.bookmark.clone(), top));
    }
    document.set_tag_tree(tree);
    document.set_outline(outline);
    document.finish().map_err(|error| match error {
        KrillaError::Validation(errors) => PrintError::Engine(format!("{errors:?}")),
        other => PrintError::Engine(other.to_string()),
    })
}

fn draw_element(surface: &mut Surface, element: &Element, fonts: &Fonts) -> TagGroup {
    let mut group = TagGroup::new(tag(element));
    for child in &element.children {
        match child {
            Child::Element(inner) => group.push(draw_element(surface, inner, fonts)),
            Child::Text(text) => {
                let language = (text.language != element.language).then_some(code(text.language));
                let span = SpanTag::empty().with_lang(language);
                group.push(surface.start_tagged(ContentTag::Span(span)));
                draw_text(surface, text, fonts);
                surface.end_tagged();
            }
            Child::Shape(shape) => {
                group.push(surface.start_tagged(ContentTag::Other));
                draw_shape(surface, shape);
                surface.end_tagged();
            }
            Child::Picture(hung) => {
                group.push(surface.start_tagged(ContentTag::Other));
                draw_picture(surface, hung);
                surface.end_tagged();
            }
        }
    }
    group
}

fn draw_picture(surface: &mut Surface, hung: &Hung) {
    let [left, top, width, height] = hung.area;
    if let Some(size) = Size::from_wh(width, height) {
        surface.push_transform(&Transform::from_translate(left, top));
        surface.draw_image(hung.picture.image(), size);
        surface.pop();
    }
}

fn draw_text(surface: &mut Surface, text: &Placed, fonts: &Fonts) {
    surface.set_stroke(None);
    surface.set_fill(Some(fill(text.color)));
    let mut x = text.x;
    for run in &text.line.runs {
        if let Some(loaded) = fonts.loaded.get(run.font) {
            let start = Point::from_xy(x, text.baseline);
            surface.draw_glyphs(start, &run.glyphs, loaded.font.clone(), &text.line.text, text.size, false);
        }
        x += run.width * text.size;
    }
}

fn draw_shape(surface: &mut Surface, shape: &Shape) {
    let (filled, line) = match shape.ink {
        Ink::Fill(color) => (Some(color), None),
        Ink::Line(color, width) => (None, Some((color, width))),
        Ink::Both(filled, color, width) => (Some(filled), Some((color, width))),
    };
    surface.set_fill(filled.map(fill));
    surface.set_stroke(line.map(|(color, width)| Stroke { paint: rgb(color).into(), width, ..Stroke::default() }));
    surface.draw_path(&shape.path);
}

fn tag(element: &Element) -> TagKind {
    let kind: TagKind = match &element.role {
        Role::Heading { level, title } => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Table { summary } => Tag::Table.with_summary(Some(summary.clone())).into(),
        Role::TableHead => Tag::THead.into(),
        Role::TableBody => Tag::TBody.into(),
        Role::TableFoot => Tag::TFoot.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHeader => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHeader { columns } => Tag::TH(TableHeaderScope::Row).with_col_span(NonZeroU32::new(*columns)).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure { alternative } => Tag::Figure(Some(alternative.clone())).into(),
        Role::Link { .. } => Tag::Link.into(),
    };
    match element.language {
        Language::Indonesian => kind,
        Language::English => kind.with_lang(Some(code(Language::English).to_owned())),
    }
}

fn annotation(role: &Role) -> Option<Annotation> {
    let Role::Link { address, alternative, area: [left, top, width, height] } = role else { return None };
    let area = Rect::from_xywh(*left, *top, *width, *height)?;
    let target = Target::Action(Action::Link(LinkAction::new(address.clone())));
    Some(Annotation::new_link(LinkAnnotation::new(area, target), Some(alternative.clone())))
}

fn embedded(attachment: &Attachment, day: NaiveDate) -> EmbeddedFile {
    EmbeddedFile {
        path: attachment.name.to_owned(),
        mime_type: MimeType::new(attachment.media_type),
        description: Some(attachment.description.to_owned()),
        association_kind: AssociationKind::Alternative,
        data: attachment.text.as_bytes().to_vec().into(),
        modification_date: Some(date(day)),
        compress: Some(false),
        location: None,
    }
}

fn date(day: NaiveDate) -> DateTime {
    let small = |number: u32| u8::try_from(number).unwrap_or(1);
    DateTime::new(u16::try_from(day.year()).unwrap_or(0))
        .month(small(day.month()))
        .day(small(day.day()))
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn metadata(facts: &Facts) -> Metadata {
    Metadata::new()
        .title(facts.title.clone())
        .description(facts.description.clone())
        .authors(vec![facts.author.clone()])
        .creator("Vokasi".to_owned())
        .producer("Vokasi".to_owned())
        .language(code(Language::Indonesian).to_owned())
        .document_id(facts.identity.clone())
        .creation_date(date(facts.day))
}

fn code(language: Language) -> &'static str {
    match language {
        Language::Indonesian => "id-ID",
        Language::English => "en",
    }
}

fn fill(color: Color) -> Fill {
    Fill { paint: rgb(color).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn rgb(color: Color) -> rgb::Color {
    rgb::Color::new(color.0, color.1, color.2)
}
