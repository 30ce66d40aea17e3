//! Workbooks that people take away: the rows they have to correct, and the template.

use std::io::{Cursor, Read, Write};

use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use vokasi_fixtures::people::Sex;
use vokasi_fixtures::workbook::{Outcome, Row, demo_mixed};
use zip::write::SimpleFileOptions;

use crate::harness::path::text;
use crate::harness::{Answer, App, Staff, given, json};

const GOOD: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-good.xlsx");
const MIXED: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-mixed.xlsx");
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn coordinator(app: &App) -> Staff<'_> {
    app.coordinator(&app.partner(given::school(1).with("npsn", "10809001")))
}

fn take(staff: &Staff<'_>, import: &Answer, language: &str) -> Answer {
    staff.call("GET", &format!("{}/problems", import.location())).language(language).send()
}

fn workbook(bytes: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes.to_vec())).unwrap()
}

/// What stands in the first sheet, from its first cell on.
pub fn grid(bytes: &[u8]) -> Vec<Vec<Data>> {
    let range = workbook(bytes).worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(range.start(), Some((0, 0)));
    range.rows().map(<[Data]>::to_vec).collect()
}

/// A workbook with the same cells.
pub fn written(grid: &[Vec<Data>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let date = Format::new().set_num_format("dd/mm/yyyy");
    for (row, cells) in (0..).zip(grid) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Data::Empty => continue,
                Data::String(text) => sheet.write_string(row, column, text).unwrap(),
                Data::Float(number) => sheet.write_number(row, column, *number).unwrap(),
                Data::DateTime(day) => {
                    let day = ExcelDateTime::from_serial_datetime(day.as_f64()).unwrap();
                    sheet.write_datetime_with_format(row, column, &day, &date).unwrap()
                }
                other => panic!("nothing else stands there: {other:?}"),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

/// The column under this header.
fn column(header: &[Data], title: &str) -> usize {
    let found = header.iter().position(|cell| *cell == Data::String(title.to_owned()));
    found.unwrap_or_else(|| panic!("no {title} in {header:?}"))
}

/// A part of a workbook as it lies in the archive.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The template as somebody has filled it in and saved it, everything else of it as it was.
fn filled(template: &[u8], rows: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(template)).unwrap();
    let mut saved = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        if entry.name() == "xl/worksheets/sheet1.xml" {
            let sheet = String::from_utf8(content).unwrap();
            assert!(sheet.contains("</sheetData>"), "{sheet}");
            content = sheet.replace("</sheetData>", &format!("{rows}</sheetData>")).into_bytes();
        }
        saved.start_file(entry.name(), SimpleFileOptions::default()).unwrap();
        saved.write_all(&content).unwrap();
    }
    saved.finish().unwrap().into_inner()
}

/// A row of text cells, as a spreadsheet saves it.
fn line(row: u32, cells: &[&str]) -> String {
    let cell =
        |(letter, text): (char, &&str)| format!("<c r=\"{letter}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    format!("<row r=\"{row}\">{}</row>", ('A'..).zip(cells).map(cell).collect::<String>())
}

both! {
    fn problem_rows_come_back_and_are_sent_again_corrected(app: &App) {
        let coordinator = coordinator(app);
        let planned = coordinator.upload("/imports", XLSX, MIXED).created();
        let answer = take(&coordinator, &planned, "id").ok();
        assert_eq!(answer.header("content-type"), Some(XLSX));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let name = format!("attachment; filename=\"perbaikan-{}.xlsx\"", planned.id());
        assert_eq!(answer.header("content-disposition"), Some(name.as_str()));
        let mut grid = grid(&answer.bytes);
        let wrong: Vec<Row> = demo_mixed().into_iter().filter(|row| row.outcome() == Outcome::Problem).collect();
        assert_eq!((grid.len(), wrong.len()), (6 + 11, 11));
        // The double header of the file, over the columns that are kept.
        assert_eq!(grid[0][0], Data::String("Daftar Peserta Didik".to_owned()));
        assert_eq!(grid[1][0], Data::String("SMKN 1 Way Harapan".to_owned()));
        let header = grid[4].clone();
        let father = column(&header, "Data Ayah");
        assert_eq!(grid[5][father..=father + 1], ["Nama", "Tahun Lahir"].map(|name| Data::String(name.to_owned())));
        assert!(!header.contains(&Data::String("Agama".to_owned())), "{header:?}");
        let [name, sex, day, nik, nisn, card, note] =
            ["Nama", "JK", "Tanggal Lahir", "NIK", "NISN", "No KK", "Catatan"].map(|title| column(&header, title));
        assert_eq!(note, header.len() - 1);
        // A number stays a number, and says so in the note.
        assert!(matches!(grid[6][nik], Data::Float(_)), "{:?}", grid[6]);
        let told = grid[6][note].to_string();
        assert!(told.starts_with("NIK: NIK tersimpan sebagai angka") && told.ends_with("(nik.number_cell)"), "{told}");
        assert!(matches!(&grid[6][nisn], Data::String(nisn) if nisn.starts_with('0')), "{:?}", grid[6]);
        // As it is, only the one who is twice in the whole file is alone in this one.
        let again = coordinator.upload("/imports", XLSX, &answer.bytes).created().json();
        assert_eq!((&again["summary"]["problem"], &again["summary"]["rows"]), (&json!(10), &json!(11)), "{again}");
        assert_eq!(again["summary"]["errors"].get("row.duplicate"), None);
        for (cells, row) in grid[6..].iter_mut().zip(&wrong) {
            let person = &row.person;
            cells[name] = Data::String(person.name.clone());
            cells[sex] = Data::String(if person.sex == Sex::Female { "P" } else { "L" }.to_owned());
            cells[day] = Data::String(person.birth_date.to_string());
            cells[nik] = Data::String(person.nik.clone());
            cells[nisn] = Data::String(person.nisn.clone());
            cells[card] = Data::String(person.family_card.clone());
        }
        let corrected = coordinator.upload("/imports", XLSX, &written(&grid)).created();
        let summary = corrected.json()["summary"].clone();
        assert_eq!((&summary["new"], &summary["problem"]), (&json!(11), &json!(0)), "{}", corrected.json());
        take(&coordinator, &corrected, "id").status(409).refused("import.no_problems");
    }

    fn a_plain_list_comes_back_under_its_own_headers(app: &App) {
        let coordinator = coordinator(app);
        let file = "Nama Lengkap Siswa,L/P,Hobi,Tgl. Lahir,Alamat Rumah,No. NISN,No. HP\n\
                    =HYPERLINK(\"http://example.org\"),L,Catur,17/11/2007,+62 jalan,0071234567,081234567890\n\
                    Ratna Melati,P,Voli,31/02/2008,@SUM(A1),0081234567,\n";
        let planned = coordinator.upload("/imports", "text/csv", file.as_bytes()).created();
        let answer = take(&coordinator, &planned, "en").ok();
        assert_eq!(answer.header("content-language"), Some("en"));
        let grid = grid(&answer.bytes);
        let header: Vec<String> = grid[0].iter().map(ToString::to_string).collect();
        // What the file has no column for stands behind, to be filled in.
        let expected =
            ["Nama Lengkap Siswa", "L/P", "Tgl. Lahir", "Alamat Rumah", "No. NISN", "No. HP", "NIK", "Note"];
        assert_eq!(header, expected);
        assert_eq!(grid.len(), 3);
        // What begins like a formula is text.
        assert_eq!(grid[1][0], Data::String("=HYPERLINK(\"http://example.org\")".to_owned()));
        assert_eq!([&grid[1][3], &grid[2][3]], [&Data::String("+62 jalan".into()), &Data::String("@SUM(A1)".into())]);
        let sheet = part(&answer.bytes, "xl/worksheets/sheet1.xml");
        assert!(!sheet.contains("<f>") && !sheet.contains("<hyperlink"), "{sheet}");
        let note = grid[2][7].to_string();
        let lines: Vec<&str> = note.lines().collect();
        assert!(lines[0].starts_with("Tgl. Lahir: ") && lines[0].ends_with("(birth_date.invalid)"), "{note}");
        assert!(lines[1].starts_with("NIK: ") && lines[1].ends_with("(nik.missing)"), "{note}");
        assert_eq!(lines.len(), 2, "{note}");
        let mut corrected = grid;
        for (row, (name, day, nik)) in [("Bagus", "2008-02-03", "1807050302080002"), ("Ratna", "2007-11-17", "1807055711070001")]
            .into_iter()
            .enumerate()
        {
            for (at, text) in [(0, name), (2, day), (6, nik)] {
                corrected[row + 1][at] = Data::String(text.to_owned());
            }
        }
        let again = coordinator.upload("/imports", XLSX, &written(&corrected)).created().json();
        assert_eq!((&again["summary"]["new"], &again["summary"]["problem"]), (&json!(2), &json!(0)), "{again}");
    }

    fn taking_problem_rows_is_recorded_and_for_people(app: &App) {
        let coordinator = coordinator(app);
        let planned = coordinator.upload("/imports", XLSX, MIXED).created();
        let office = app.office("18");
        let events = || office.get(&format!("/audit-events?subject={}", planned.id())).ok().items();
        assert_eq!(events().len(), 1);
        take(&coordinator, &planned, "id").ok();
        take(&office, &planned, "en").ok();
        let recorded = events();
        let taken: Vec<_> = recorded.iter().filter(|event| event["action"] == "import.handed_back").collect();
        assert_eq!(taken.len(), 2, "{recorded:?}");
        assert_eq!((&taken[0]["account"], &taken[0]["detail"]), (&json!(coordinator.id), &json!({ "rows": 11 })));
        assert!(!text(&taken[0]["subject_kind"]).is_empty());
        // A program that may import does not open what is sealed.
        let made = office.post("/service-tokens", given::service_token(&["import"])).ok().json();
        let path = format!("{}/problems", planned.location());
        app.call("GET", &path).token(text(&made["token"])).send().denied();
        take(&app.coordinator(&app.school("18.07")), &planned, "id").not_there();
        assert_eq!(events().len(), 3);
        app.run("DELETE FROM import_contents");
        take(&coordinator, &planned, "id").status(409).refused("import.rows_gone");
        let good = coordinator.upload("/imports", XLSX, GOOD).created();
        take(&coordinator, &good, "id").status(409).refused("import.no_problems");
    }

    fn the_template_is_filled_in_and_brought(app: &App) {
        let coordinator = coordinator(app);
        let template = |language: &str| coordinator.call("GET", "/imports/template").language(language).send().ok();
        for (language, name, sheets, titles) in [
            ("id", "templat-peserta.xlsx", ["Peserta", "Contoh", "Petunjuk"], ["Nama *", "JK *", "Tanggal Lahir *", "NIK *"]),
            (
                "en",
                "participants-template.xlsx",
                ["Participants", "Example", "Guide"],
                ["Full name *", "Sex *", "Birth date *", "NIK *"],
            ),
        ] {
            let answer = template(language);
            assert_eq!(answer.header("content-type"), Some(XLSX));
            assert_eq!(answer.header("content-disposition"), Some(format!("attachment; filename=\"{name}\"").as_str()));
            assert_eq!(answer.header("content-language"), Some(language));
            assert_eq!(workbook(&answer.bytes).sheet_names(), sheets);
            let header = grid(&answer.bytes)[0].clone();
            assert_eq!(header[..4], titles.map(|title| Data::String(title.to_owned())));
            let sheet = part(&answer.bytes, "xl/worksheets/sheet1.xml");
            assert!(sheet.contains("\"L,P\"") && sheet.matches("<dataValidation ").count() >= 20, "{sheet}");
            // Nothing is read of the example, wherever it stands.
            coordinator.upload("/imports", XLSX, &answer.bytes).status(422).refused("import.empty");
            let people = line(2, &["Ratna Melati", "P", "17/11/2007", "1807055711070001", "0071234567", "Sukadana"])
                + &line(3, &["Bagus Pratama", "L", "3 Februari 2008", "1807050302080002"]);
            let planned = coordinator.upload("/imports", XLSX, &filled(&answer.bytes, &people)).created();
            let summary = planned.json()["summary"].clone();
            assert_eq!((&summary["rows"], &summary["new"]), (&json!(2), &json!(2)), "{}", planned.json());
        }
        let planned = coordinator.upload("/imports", XLSX, &template("id").bytes);
        planned.status(422).refused("import.empty");
        assert_eq!(template("id").bytes, template("id").bytes);
    }

    fn the_example_of_the_template_holds(app: &App) {
        // What people copy from must be right itself.
        let coordinator = coordinator(app);
        let bytes = coordinator.get("/imports/template").ok().bytes;
        let header = grid(&bytes).remove(0);
        let example = workbook(&bytes).worksheet_range_at(1).unwrap().unwrap();
        let people = example.rows().skip(1).map(<[Data]>::to_vec);
        let rows: Vec<Vec<Data>> = [header].into_iter().chain(people).collect();
        assert_eq!(rows.len(), 4);
        let planned = coordinator.upload("/imports", XLSX, &written(&rows)).created().json();
        assert_eq!((&planned["summary"]["new"], &planned["findings"]), (&json!(3), &json!([])), "{planned}");
    }
}
