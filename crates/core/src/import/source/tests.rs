//! The reader against files made here: every refusal, every encoding, every shape of header.

use std::io::{Cursor, Read, Write};

use chrono::NaiveDate;
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;

const LEADING: [&str; 24] = [
    "No",
    "Nama",
    "NIPD",
    "JK",
    "NISN",
    "Tempat Lahir",
    "Tanggal Lahir",
    "NIK",
    "Agama",
    "Alamat",
    "RT",
    "RW",
    "Dusun",
    "Kelurahan",
    "Kecamatan",
    "Kode Pos",
    "Jenis Tinggal",
    "Alat Transportasi",
    "Telepon",
    "HP",
    "E-Mail",
    "SKHUN",
    "Penerima KPS",
    "No. KPS",
];

const OF_A_PARENT: [&str; 6] = ["Nama", "Tahun Lahir", "Jenjang Pendidikan", "Pekerjaan", "Penghasilan", "NIK"];

const TRAILING: [&str; 24] = [
    "Rombel Saat Ini",
    "No Peserta Ujian Nasional",
    "No Seri Ijazah",
    "Penerima KIP",
    "Nomor KIP",
    "Nama di KIP",
    "Nomor KKS",
    "No Registrasi Akta Lahir",
    "Bank",
    "Nomor Rekening Bank",
    "Rekening Atas Nama",
    "Layak PIP (usulan dari sekolah)",
    "Alasan Layak PIP",
    "Kebutuhan Khusus",
    "Sekolah Asal",
    "Anak ke-berapa",
    "Lintang",
    "Bujur",
    "No KK",
    "Berat Badan",
    "Tinggi Badan",
    "Lingkar Kepala",
    "Jml. Saudara\nKandung",
    "Jarak Rumah\nke Sekolah (KM)",
];

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// The workbook as Dapodik gives it out: 66 columns, the header in rows 5 and 6.
fn dapodik(rows: u32) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let plain = Format::new();
    sheet.write(0, 0, "Daftar Peserta Didik").unwrap();
    sheet.write(1, 0, "SMKN 1 KALIANDA").unwrap();
    sheet.write(2, 0, "Kecamatan Kec. Kalianda, Kabupaten Kab. Lampung Selatan").unwrap();
    sheet.write(3, 0, "Tanggal Unduh: 2026-07-01").unwrap();
    let mut column = 0_u16;
    for header in LEADING {
        sheet.merge_range(4, column, 5, column, header, &plain).unwrap();
        column += 1;
    }
    for group in ["Data Ayah", "Data Ibu", "Data Wali"] {
        sheet.merge_range(4, column, 4, column + 5, group, &plain).unwrap();
        for header in OF_A_PARENT {
            sheet.write(5, column, header).unwrap();
            column += 1;
        }
    }
    for header in TRAILING {
        sheet.merge_range(4, column, 5, column, header, &plain).unwrap();
        column += 1;
    }
    assert_eq!(column, 66);
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for n in 0..rows {
        let row = 6 + n;
        for column in 0..66 {
            sheet.write(row, column, format!("{column}")).unwrap();
        }
        sheet.write(row, 0, n + 1).unwrap();
        sheet.write(row, 1, format!(" Siti Aminah {n} ")).unwrap();
        sheet.write(row, 3, "P").unwrap();
        sheet.write(row, 4, format!("00{n:08}")).unwrap();
        sheet.write_with_format(row, 6, 39_403, &date).unwrap();
        sheet.write(row, 7, format!("1801055711{n:06}")).unwrap();
        sheet.write(row, 24, "Budi").unwrap();
        sheet.write(row, 25, 1975).unwrap();
        sheet.write(row, 60, 1_801_051_107_120_001_f64).unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

/// A small list with one header row, and whatever else `more` writes.
fn list(more: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, header) in (0_u16..).zip(["Nama", "L/P", "Tgl. Lahir", "NIK"]) {
        sheet.write(0, column, header).unwrap();
    }
    for (column, value) in (0_u16..).zip(["Siti", "P", "2007-11-17", "1801055711070001"]) {
        sheet.write(1, column, value).unwrap();
    }
    more(sheet);
    workbook.save_to_buffer().unwrap()
}

/// The same workbook with one part put through `change`.
fn with_part(workbook: &[u8], name: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut old = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut part = old.by_index(index).unwrap();
        let mut content = String::new();
        part.read_to_string(&mut content).unwrap();
        if part.name() == name {
            content = change(content);
        }
        new.start_file(part.name(), SimpleFileOptions::default()).unwrap();
        new.write_all(content.as_bytes()).unwrap();
    }
    new.finish().unwrap().into_inner()
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A table with all of its rows at hand.
struct Opened {
    layout: LayoutKind,
    school_name: Option<String>,
    rows: Vec<SourceRow>,
}

fn opened(table: Table) -> Opened {
    let Table { layout, school_name, rows, .. } = table;
    Opened { layout, school_name, rows: rows.all().unwrap() }
}

fn table(bytes: &[u8]) -> Opened {
    opened(read(bytes, &Limits::default()).unwrap())
}

fn refusal(bytes: &[u8]) -> Unreadable {
    read(bytes, &Limits::default()).unwrap_err()
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[test]
fn dapodik_workbook_is_read_by_both_header_rows() {
    let table = table(&dapodik(3));
    assert_eq!(table.layout, LayoutKind::Dapodik);
    assert_eq!(table.school_name.as_deref(), Some("SMKN 1 KALIANDA"));
    assert_eq!(table.rows.len(), 3);
    let row = &table.rows[1];
    assert_eq!(row.number, 8);
    assert_eq!(row.fields().count(), Field::OF_PEOPLE.len());
    for (field, cell) in [
        (Field::Name, text("Siti Aminah 1")),
        (Field::StudentNumber, text("2")),
        (Field::Sex, text("P")),
        (Field::Nisn, text("0000000001")),
        (Field::BirthPlace, text("5")),
        (Field::BirthDate, Cell::Date(day(2007, 11, 17))),
        (Field::Nik, text("1801055711000001")),
        (Field::Street, text("9")),
        (Field::NeighbourhoodRt, text("10")),
        (Field::Rw, text("11")),
        (Field::Hamlet, text("12")),
        (Field::Village, text("13")),
        (Field::District, text("14")),
        (Field::PostalCode, text("15")),
        (Field::Phone, text("18")),
        (Field::Mobile, text("19")),
        (Field::Email, text("20")),
        (Field::FatherName, text("Budi")),
        (Field::FatherBirthYear, Cell::Number(1975.0)),
        (Field::MotherName, text("30")),
        (Field::MotherBirthYear, text("31")),
        (Field::GuardianName, text("36")),
        (Field::GuardianBirthYear, text("37")),
        (Field::Homeroom, text("42")),
        (Field::FamilyCard, Cell::Number(1_801_051_107_120_001.0)),
    ] {
        assert_eq!(*row.cell(field), cell, "{field:?}");
    }
    assert_eq!(row.address(Field::Nik).as_deref(), Some("H8"));
    assert_eq!(row.address(Field::FatherName).as_deref(), Some("Y8"));
    assert_eq!(row.address(Field::FamilyCard).as_deref(), Some("BI8"));
}

#[test]
fn columns_that_are_not_needed_never_enter_the_table() {
    let table = read(&dapodik(1), &Limits::default()).unwrap();
    let stored = format!("{table:?} {}", serde_json::to_string(&table.rows.unpacked()).unwrap());
    // Agama, income of the father, bank account: columns 8, 28 and 51.
    for value in ["\"8\"", "\"28\"", "\"51\""] {
        assert!(!stored.contains(value), "{value} in {stored}");
    }
}

#[test]
fn sample_workbooks_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/workbooks");
    for (file, answer) in [
        ("dapodik-good.xlsx", "rows"),
        ("dapodik-good.csv", "rows"),
        ("dapodik-mixed.xlsx", "rows"),
        ("encrypted.xlsx", "import.encrypted"),
        ("no-known-header.xlsx", "import.unknown_header"),
        ("not-a-workbook.xlsx", "import.not_a_workbook"),
        ("zip-bomb.xlsx", "import.zip_bomb"),
    ] {
        let bytes = std::fs::read(format!("{folder}/{file}")).unwrap();
        let read = read(&bytes, &Limits::default());
        assert_eq!(read.as_ref().map_or_else(Unreadable::code, |_| "rows"), answer, "{file}");
    }
}

#[test]
fn moved_added_and_missing_columns_do_not_matter() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let upper = [
        "Data Ibu",
        "",
        "",
        "NIK",
        "Golongan Darah",
        "TANGGAL  LAHIR\n(dd/mm/yyyy)",
        "jk",
        "Nama *",
        "Data Wali",
        "",
        "Kelas",
        "Rombel Saat Ini",
    ];
    let lower = ["NIK", "Nama", "Tanggal Lahir", "", "", "", "", "", "Tahun Lahir", "Nama"];
    let data = ["x", "Ibu Siti", "x", "1801", "O", "17/11/2007", "P", "Siti", "1970", "Wali Siti", "XII", "XII TKJ 1"];
    for (row, cells) in [(0, &upper[..]), (1, &lower[..]), (2, &data[..])] {
        for (column, value) in (0_u16..).zip(cells) {
            sheet.write(row, column, *value).unwrap();
        }
    }
    let table = table(&workbook.save_to_buffer().unwrap());
    let row = &table.rows[0];
    assert_eq!(table.layout, LayoutKind::Dapodik);
    assert_eq!(row.number, 3);
    for (field, value) in [
        (Field::Nik, "1801"),
        (Field::Name, "Siti"),
        (Field::BirthDate, "17/11/2007"),
        (Field::MotherName, "Ibu Siti"),
        (Field::GuardianName, "Wali Siti"),
        (Field::GuardianBirthYear, "1970"),
        (Field::Homeroom, "XII TKJ 1"),
    ] {
        assert_eq!(*row.cell(field), text(value), "{field:?}");
    }
    assert_eq!(row.address(Field::FatherName), None);
    assert!(row.cell(Field::FatherName).is_empty());
}

#[test]
fn upper_row_may_hold_only_the_groups() {
    let csv = ",,,,Data Ayah,,Data Wali,\n\
               Nama,JK,Tanggal Lahir,NISN,Nama,NIK,Nama,Rombel Saat Ini\n\
               Siti,P,2007-11-17,0012345678,Budi,99,Tono,XII A\n";
    let table = table(csv.as_bytes());
    let row = &table.rows[0];
    assert_eq!(*row.cell(Field::Name), text("Siti"));
    assert_eq!(*row.cell(Field::FatherName), text("Budi"));
    assert_eq!(*row.cell(Field::GuardianName), text("Tono"));
    assert_eq!(*row.cell(Field::Homeroom), text("XII A"));
    assert!(row.cell(Field::Nik).is_empty());
    assert_eq!(row.number, 3);
}

#[test]
fn columns_of_another_person_are_not_taken_for_the_students() {
    let csv = "Nama;JK;Tanggal Lahir;NISN;Kontak Darurat;;Alamat;\n\
               ;;;;Nama;HP;Jalan;RT\n\
               Siti;P;2007-11-17;0012345678;Tono;0812;Jl. Melati;003\n";
    let table = table(csv.as_bytes());
    let row = &table.rows[0];
    assert_eq!(*row.cell(Field::Name), text("Siti"));
    assert!(row.cell(Field::Mobile).is_empty());
    assert_eq!(*row.cell(Field::Street), text("Jl. Melati"));
    assert_eq!(*row.cell(Field::NeighbourhoodRt), text("003"));
}

#[test]
fn plain_list_in_english_is_read() {
    let csv = "School: SMK Melati\n\nFull Name,Gender,Date of Birth,National ID,Mobile,Guardian's Name\n\
               Siti,F,17 Nov 2007,1801055711070001,0812,Tono\n";
    let table = table(csv.as_bytes());
    assert_eq!(table.layout, LayoutKind::Plain);
    let row = &table.rows[0];
    assert_eq!(row.number, 4);
    assert_eq!(*row.cell(Field::Mobile), text("0812"));
    assert_eq!(*row.cell(Field::GuardianName), text("Tono"));
    assert_eq!(row.address(Field::Name).as_deref(), Some("A4"));
}

#[test]
fn school_is_named_in_several_ways() {
    let header = "Nama,JK,Tanggal Lahir,NIK\nSiti,P,2007-11-17,18\n";
    for (above, school) in [
        ("", None),
        ("Daftar Peserta Didik\nSMKN 1  Metro\n", Some("SMKN 1 Metro")),
        ("DAFTAR PESERTA DIDIK SMKN 1 Metro\n", Some("SMKN 1 Metro")),
        ("Daftar Peserta Didik\nTanggal Unduh: 2026\n", None),
        ("Nama Sekolah : SMKN 1 Metro\n", Some("SMKN 1 Metro")),
        ("Nama Sekolah,: SMKN 1 Metro\n", Some("SMKN 1 Metro")),
        ("Formulir\nAsal Sekolah:,SMKN 1 Metro\n", Some("SMKN 1 Metro")),
    ] {
        let table = table(format!("{above}{header}").as_bytes());
        assert_eq!(table.school_name.as_deref(), school, "{above:?}");
    }
}

#[test]
fn numbering_is_kept_over_empty_rows_and_the_row_of_column_numbers_is_left_out() {
    let csv = "Nama,JK,Tanggal Lahir,NIK\r\n1,2,3,4\r\n\r\n\r\nSiti,P,2007-11-17,18\r\n, ,\u{a0},\r\n\
               \r\n\"Ani\nNur\",P,2007-11-18,19\r\nBudi,L,2007-11-19,20\r\n\r\n,,,\r\n";
    let table = table(csv.as_bytes());
    let numbers: Vec<u32> = table.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [5, 8, 9]);
}

#[test]
fn numbering_follows_any_line_end() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = ["Nama;JK;Tanggal Lahir;NIK", "", "A;L;2007-01-01;1", "", "", "B;L;x;2"];
        let table = table(lines.join(end).as_bytes());
        let numbers: Vec<u32> = table.rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [3, 6], "{end:?}");
    }
}

#[test]
fn every_usual_encoding_is_read() {
    let csv = "Nama;Jenis Kelamin;Tgl Lahir;NISN;Alamat\nZoë D’Arc;P;17/11/2007;0012345678;Jl. A, no. 1\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: [u8; 2]| {
        let mut out = mark.to_vec();
        out.extend(csv.encode_utf16().flat_map(bytes));
        out
    };
    let (windows, ..) = encoding_rs::WINDOWS_1252.encode(csv);
    for (encoding, bytes) in [
        ("UTF-8", csv.as_bytes().to_vec()),
        ("UTF-8 with mark", [b"\xEF\xBB\xBF", csv.as_bytes()].concat()),
        ("UTF-16 LE", utf16(u16::to_le_bytes, [0xFF, 0xFE])),
        ("UTF-16 BE", utf16(u16::to_be_bytes, [0xFE, 0xFF])),
        ("Windows-1252", windows.into_owned()),
    ] {
        let table = table(&bytes);
        let row = &table.rows[0];
        assert_eq!(*row.cell(Field::Name), text("Zoë D’Arc"), "{encoding}");
        assert_eq!(*row.cell(Field::Street), text("Jl. A, no. 1"), "{encoding}");
        assert_eq!(*row.cell(Field::Nisn), text("0012345678"), "{encoding}");
    }
}

#[test]
fn separator_is_found_also_where_others_are_more_frequent() {
    for separator in [",", ";", "\t"] {
        let csv = format!(
            "Daftar, a, b, c, d; e; f\nNama{separator}JK{separator}Tanggal Lahir{separator}NIK\n\
             \"Siti, S.Pd; M.Pd\t\"\"x\"\"\"{separator}P{separator}2007-11-17{separator}18\n"
        );
        for prefix in ["", &format!("sep={separator}\r\n")] {
            let table = table(format!("{prefix}{csv}").as_bytes());
            let row = &table.rows[0];
            assert_eq!(*row.cell(Field::Name), text("Siti, S.Pd; M.Pd\t\"x\""));
            assert_eq!(*row.cell(Field::Nik), text("18"));
            assert_eq!(row.number, 3);
        }
    }
}

#[test]
fn quotation_mark_that_is_never_closed_is_refused() {
    let csv = "Nama,JK,Tanggal Lahir,NIK\nSiti,P,2007-11-17,\"18\nAni,P,2007-11-18,19\n";
    assert_eq!(refusal(csv.as_bytes()), Unreadable::Damaged);
}

#[test]
fn second_sheet_is_used_where_the_first_has_no_header_and_hidden_ones_are_not() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().write(0, 0, "Petunjuk pengisian").unwrap();
    for (name, hidden) in [("Siti", true), ("Ani", false)] {
        let sheet = workbook.add_worksheet();
        for (row, cells) in [["Nama", "JK", "Tanggal Lahir", "NIK"], [name, "P", "2007-11-17", "18"]].iter().enumerate()
        {
            for (column, cell) in (0_u16..).zip(cells) {
                sheet.write(u32::try_from(row).unwrap(), column, *cell).unwrap();
            }
        }
        sheet.set_hidden(hidden);
    }
    let table = table(&workbook.save_to_buffer().unwrap());
    assert_eq!(*table.rows[0].cell(Field::Name), text("Ani"));
}

#[test]
fn cells_keep_their_kind() {
    let date = Format::new().set_num_format("dd mmmm yyyy");
    let duration = Format::new().set_num_format("[h]:mm");
    let bytes = list(|sheet| {
        sheet.write(2, 0, 17.5).unwrap();
        sheet.write(2, 1, true).unwrap();
        sheet.write_with_format(2, 2, 39_403, &date).unwrap();
        sheet.write(2, 3, 1_801_055_711_070_001_f64).unwrap();
        sheet.write_formula(3, 0, Formula::new("=A1").set_result("#REF!")).unwrap();
        sheet.write_formula(3, 1, Formula::new("=A2").set_result("hasil")).unwrap();
        sheet.write_with_format(3, 2, 1.5, &duration).unwrap();
        sheet.write_with_format(3, 3, 60, &date).unwrap();
        sheet.write_with_format(4, 2, 59, &date).unwrap();
        sheet.write_with_format(5, 2, 1e300, &date).unwrap();
    });
    let bytes = with_part(&bytes, SHEET, |xml| xml.replace("t=\"str\"><f>A1</f>", "t=\"e\"><f>A1</f>"));
    let table = table(&bytes);
    let (first, second) = (&table.rows[1], &table.rows[2]);
    assert_eq!(*first.cell(Field::Name), Cell::Number(17.5));
    assert_eq!(*first.cell(Field::Sex), Cell::Flag(true));
    assert_eq!(*first.cell(Field::BirthDate), Cell::Date(day(2007, 11, 17)));
    assert_eq!(first.cell(Field::Nik).shown(), "1801055711070001");
    assert_eq!(*second.cell(Field::Name), Cell::Fault("#REF!".into()));
    assert_eq!(*second.cell(Field::Sex), text("hasil"));
    assert_eq!(*second.cell(Field::BirthDate), Cell::Number(1.5));
    assert_eq!(*second.cell(Field::Nik), Cell::Number(60.0));
    assert_eq!(*table.rows[3].cell(Field::BirthDate), Cell::Date(day(1900, 2, 28)));
    assert_eq!(*table.rows[4].cell(Field::BirthDate), Cell::Number(1e300));
}

#[test]
fn both_date_systems_are_read() {
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let bytes = list(|sheet| {
        sheet.write_with_format(1, 2, 39_403, &date).unwrap();
    });
    let cell = |bytes: &[u8]| table(bytes).rows[0].cell(Field::BirthDate).clone();
    assert_eq!(cell(&bytes), Cell::Date(day(2007, 11, 17)));
    let bytes = with_part(&bytes, "xl/workbook.xml", |xml| xml.replace("<workbookPr", "<workbookPr date1904=\"1\""));
    assert_eq!(cell(&bytes), Cell::Date(day(2011, 11, 18)));
}

#[test]
fn dates_in_text_are_understood() {
    for written in [
        "2007-11-17",
        "2007-11-17T00:00:00",
        "2007-11-17 07:30:00",
        "2007/11/17",
        "17/11/2007",
        "17-11-2007",
        "17.11.2007",
        "17 November 2007",
        "17 nopember 2007",
        "17-Nov-2007",
        "17 NOV 2007",
        "'2007-11-17",
        " 17  November,  2007 ",
    ] {
        assert_eq!(date(&Cell::text(written)), Some(day(2007, 11, 17)), "{written}");
    }
    for (month, names) in [
        (1, "Januari January Jan"),
        (2, "Februari Pebruari February Feb"),
        (3, "Maret March Mar"),
        (4, "April Apr"),
        (5, "Mei May"),
        (6, "Juni June Jun"),
        (7, "Juli July Jul"),
        (8, "Agustus August Agu Agt Ags Aug"),
        (9, "September Sept Sep"),
        (10, "Oktober October Okt Oct"),
        (11, "November Nopember Nov Nop"),
        (12, "Desember December Des Dec"),
    ] {
        for name in names.split(' ') {
            let written = format!("5 {name} 2008");
            assert_eq!(date(&Cell::text(&written)), Some(day(2008, month, 5)), "{written}");
        }
    }
    assert_eq!(date(&text("29/2/2008")), Some(day(2008, 2, 29)));
    assert_eq!(date(&Cell::Date(day(2008, 2, 29))), Some(day(2008, 2, 29)));
    for written in [
        "29/02/2007",
        "31-04-2007",
        "11/17/2007",
        "17/11/07",
        "00/11/2007",
        "2007-13-01",
        "17 Foo 2007",
        "17 November",
        "+7/11/2007",
        "2007",
        "39403",
        "Metro, 17 November 2007",
        "１７/11/2007",
        "",
    ] {
        assert_eq!(date(&Cell::text(written)), None, "{written}");
    }
    assert_eq!(date(&Cell::Number(39_403.0)), None);
}

#[test]
fn identifiers_tell_digits_from_numbers() {
    let typed = |text: &str| Digits::Text(text.to_owned());
    let number = |shown: &str| Digits::NumberCell { shown: shown.to_owned() };
    for (cell, understood) in [
        (Cell::Empty, Digits::Missing),
        (text("1801055711070001"), typed("1801055711070001")),
        (text("'0012345678"), typed("0012345678")),
        (text("=\"0012345678\""), typed("0012345678")),
        (text("' "), Digits::Missing),
        (text("1,80106E+15"), number("1,80106E+15")),
        (text("1.80106e15"), number("1.80106e15")),
        (text("E12"), typed("E12")),
        (text("12E"), typed("12E")),
        (Cell::Number(12_345_678.0), number("12345678")),
        (Cell::Number(1_801_055_711_070_000.0), number("1801055711070000")),
        (Cell::Number(9_401_055_711_070_002.0), number("9401055711070002")),
        (Cell::Number(1.5), number("1.5")),
        (Cell::Number(1e300), number("1e300")),
        (Cell::Fault("#REF!".into()), typed("#REF!")),
        (Cell::Date(day(2007, 11, 17)), typed("2007-11-17")),
    ] {
        assert_eq!(digits(&cell), understood, "{cell:?}");
    }
}

#[test]
fn rows_are_stored_in_few_letters_and_come_back_the_same() {
    let bytes = list(|sheet| {
        sheet.write(1, 0, true).unwrap();
        sheet.write(1, 1, 12).unwrap();
        sheet.write_blank(1, 3, &Format::new()).unwrap();
    });
    let row = table(&bytes).rows.remove(0);
    let stored = serde_json::to_string(&row).unwrap();
    assert_eq!(stored, r#"{"n":2,"c":[["nama",0,true],["jk",1,12.0],["tgl",2,"2007-11-17"],["nik",3,null]]}"#);
    assert_eq!(serde_json::from_str::<SourceRow>(&stored).unwrap(), row);
    for cell in [
        Cell::Empty,
        text("2007-11-17"),
        Cell::Number(9_401_055_711_070_002.0),
        Cell::Date(day(2007, 11, 17)),
        Cell::Flag(false),
        Cell::Fault("#N/A".into()),
    ] {
        let stored = serde_json::to_string(&cell).unwrap();
        assert_eq!(serde_json::from_str::<Cell>(&stored).unwrap(), cell, "{stored}");
    }
    assert_eq!(serde_json::from_str::<Cell>("12").unwrap(), Cell::Number(12.0));
}

#[test]
fn every_field_has_its_own_stored_name_and_its_header_is_known() {
    let mut names = std::collections::BTreeSet::new();
    for field in Field::OF_PEOPLE {
        assert!(names.insert(serde_json::to_string(&field).unwrap()));
        let label = super::field::normalised(field.header());
        assert_eq!(ImportKind::People.named(&label).map(|(field, _)| field), Some(field));
    }
}

#[test]
fn nothing_in_the_file_is_empty() {
    assert_eq!(refusal(b""), Unreadable::Empty);
    assert_eq!(refusal(b" \r\n\t\n"), Unreadable::Empty);
    assert_eq!(refusal(b"\xEF\xBB\xBF"), Unreadable::Empty);
    assert_eq!(refusal(b"Nama,JK,Tanggal Lahir,NIK\n,,,\n"), Unreadable::Empty);
    assert_eq!(refusal(&dapodik(0)), Unreadable::Empty);
    let mut workbook = Workbook::new();
    workbook.add_worksheet();
    assert_eq!(refusal(&workbook.save_to_buffer().unwrap()), Unreadable::Empty);
}

#[test]
fn sizes_are_bounded() {
    let limits = Limits { bytes: 10, ..Limits::default() };
    assert_eq!(read(b"12345678901", &limits).unwrap_err(), Unreadable::TooLarge { limit: 10, size: 11 });
    let limits = Limits { rows: 2, columns: 66, ..Limits::default() };
    assert!(read(&dapodik(2), &limits).is_ok());
    assert_eq!(read(&dapodik(3), &limits).unwrap_err(), Unreadable::TooManyRows { limit: 2 });
    assert_eq!(
        read(b"Nama,JK,Tanggal Lahir,NIK\na,,,\nb,,,\nc,,,\n", &limits).unwrap_err(),
        Unreadable::TooManyRows { limit: 2 }
    );
    let wide = list(|sheet| {
        sheet.write(40, 16_000, "x").unwrap();
    });
    let wide_above = list(|sheet| {
        sheet.write(1, 256, "x").unwrap();
    });
    let wide_and_blank = list(|sheet| {
        sheet.write_blank(1, 256, &Format::new().set_bold()).unwrap();
    });
    for bytes in [wide, wide_above] {
        assert_eq!(refusal(&bytes), Unreadable::TooManyColumns { limit: 256 });
    }
    assert!(read(&wide_and_blank, &Limits::default()).is_ok());
}

#[test]
fn cell_in_the_last_corner_costs_nothing() {
    let bytes = list(|sheet| {
        sheet.write(1_048_575, 0, "Ani").unwrap();
    });
    let table = table(&bytes);
    assert_eq!(table.rows[1].number, 1_048_576);
    assert_eq!(table.rows[1].address(Field::Nik).as_deref(), Some("D1048576"));
}

#[test]
fn archives_that_expand_too_far_are_refused() {
    let zeros = vec![b' '; 30_000_000];
    let bomb = zipped(&[("xl/workbook.xml", b"<workbook/>"), (SHEET, &zeros)]);
    assert!(bomb.len() < 100_000);
    assert_eq!(refusal(&bomb).code(), "import.zip_bomb");

    // The same with a directory that declares a hundred bytes.
    let mut lying = bomb;
    let size = 30_000_000_u32.to_le_bytes();
    let places: Vec<usize> = (0..lying.len() - 4).filter(|&at| lying[at..at + 4] == size).collect();
    assert!(!places.is_empty());
    for at in places {
        lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert!(matches!(refusal(&lying), Unreadable::ExpandsTooFar { .. } | Unreadable::Damaged));

    let limits = Limits { expanded_bytes: 1_000, ..Limits::default() };
    assert_eq!(read(&dapodik(1), &limits).unwrap_err(), Unreadable::ExpandsTooFar { limit: 1_000 });
}

#[test]
fn one_long_text_in_every_cell_is_counted_each_time() {
    let long = "x".repeat(30_000);
    let bytes = list(|sheet| {
        for row in 2..60 {
            sheet.write(row, 0, &long).unwrap();
        }
    });
    let limits = Limits { expanded_bytes: 1_000_000, ..Limits::default() };
    assert!(read(&bytes, &Limits::default()).is_ok());
    assert_eq!(read(&bytes, &limits).unwrap_err(), Unreadable::ExpandsTooFar { limit: 1_000_000 });
}

#[test]
fn compound_files_are_told_apart() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/workbooks");
    let encrypted = std::fs::read(format!("{folder}/encrypted.xlsx")).unwrap();
    assert_eq!(refusal(&encrypted), Unreadable::Encrypted);
    // The same container with streams of another program.
    let mut other = encrypted;
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = other.windows(name.len()).position(|bytes| bytes == name).unwrap();
    other[at] = b'X';
    assert_eq!(refusal(&other), Unreadable::NotAWorkbook);
    assert_eq!(refusal(&other[..600]), Unreadable::Damaged);
    for ancient in [b"\x09\x00\x04\x00\x02\x00", b"\x09\x02\x06\x00\x00\x00", b"\x09\x04\x06\x00\x00\x00"] {
        assert_eq!(refusal(ancient), Unreadable::OldFormat);
    }
}

#[test]
fn archive_with_locked_entries_is_encrypted() {
    let mut bytes = list(|_| {});
    // The lowest bit of the flags, in each local header and each directory entry.
    for at in 0..bytes.len() - 10 {
        if bytes[at..].starts_with(b"PK\x03\x04") {
            bytes[at + 6] |= 1;
        } else if bytes[at..].starts_with(b"PK\x01\x02") {
            bytes[at + 8] |= 1;
        }
    }
    assert_eq!(refusal(&bytes), Unreadable::Encrypted);
}

#[test]
fn other_formats_are_named() {
    let odt = zipped(&[("mimetype", b"application/vnd.oasis.opendocument.text")]);
    let xlsb = zipped(&[("xl/workbook.bin", b"x")]);
    let docx = zipped(&[("word/document.xml", b"<x/>")]);
    for (bytes, refused) in [
        (xlsb.as_slice(), Unreadable::UnsupportedFormat { found: "xlsb" }),
        (b"\n<HTML><table>", Unreadable::UnsupportedFormat { found: "html" }),
        (b"<?xml version=\"1.0\"?><Workbook/>", Unreadable::UnsupportedFormat { found: "xml" }),
        (&odt, Unreadable::NotAWorkbook),
        (&docx, Unreadable::NotAWorkbook),
        (b"%PDF-1.7\n", Unreadable::NotAWorkbook),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Unreadable::NotAWorkbook),
        (b"Nama\0,JK", Unreadable::NotAWorkbook),
        (b"\xFF\xFE\x41", Unreadable::NotAWorkbook),
        (b"\x81\x8D\x8F\x90\x9D", Unreadable::NotAWorkbook),
        (b"\x01\x02\x03\x04\x05", Unreadable::NotAWorkbook),
        (b"Yth. Bapak, Ibu\nterlampir daftar.\n", Unreadable::NotAWorkbook),
    ] {
        assert_eq!(refusal(bytes), refused);
    }
}

#[test]
fn broken_workbooks_are_damaged() {
    let good = dapodik(20);
    assert_eq!(refusal(&good[..good.len() / 2]), Unreadable::Damaged);
    for (part, from, to) in [
        (SHEET, "<sheetData>", "<sheetDat>"),
        (SHEET, "r=\"B26\"", "r=\"B8\""),
        (SHEET, "r=\"A7\"", "r=\"AAAAAAAAAA7\""),
        (SHEET, "r=\"A7\"", "r = 'A99999999999'"),
        (SHEET, "r=\"A7\"", "r=\"A7<c\""),
        ("xl/workbook.xml", "<sheets>", "<!ELEMENT x><sheets>"),
        ("xl/_rels/workbook.xml.rels", "Relationship ", "Relation "),
    ] {
        let bytes = with_part(&good, part, |xml| {
            assert!(xml.contains(from), "{xml}");
            xml.replace(from, to)
        });
        assert_eq!(refusal(&bytes), Unreadable::Damaged, "{to}");
    }
}

#[test]
fn entities_are_never_expanded() {
    let with_entity = |declared: &str| {
        with_part(&list(|_| {}), SHEET, |xml| {
            xml.replace("<worksheet", &format!("{declared}<worksheet"))
                .replace("<c r=\"A2\" t=\"s\"><v>4</v></c>", "<c r=\"A2\" t=\"inlineStr\"><is><t>&x;</t></is></c>")
        })
    };
    for declared in
        ["<!DOCTYPE x [<!ENTITY x \"expanded\">]>", "<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>", ""]
    {
        assert_eq!(refusal(&with_entity(declared)), Unreadable::Damaged);
    }
}

/// The second line of defence: a declaration that got as far as the parser would not expand there.
#[test]
fn calamine_does_not_expand_entities() {
    use calamine::Reader;

    let bytes = with_part(&list(|_| {}), "xl/sharedStrings.xml", |xml| {
        xml.replace("<sst", "<!DOCTYPE sst [<!ENTITY x \"expanded\">]><sst").replace("<t>Siti</t>", "<t>&x;</t>")
    });
    assert_eq!(refusal(&bytes), Unreadable::Damaged);
    assert!(calamine::Xlsx::<_>::new(Cursor::new(bytes)).is_err());
}

#[test]
fn false_counts_and_dimensions_do_no_harm() {
    let good = dapodik(2);
    for (part, from, to) in [
        ("xl/sharedStrings.xml", " uniqueCount=\"", " uniqueCount=\"18446744073709551615\" x=\""),
        ("xl/sharedStrings.xml", " uniqueCount=\"", "\n uniqueCount = '99999999999999' x=\""),
        (SHEET, "<dimension ref=\"", "<dimension ref=\"Z9:A1\" x=\""),
        (SHEET, "<dimension ref=\"", "<dimension ref=\"A1:\" x=\""),
        (SHEET, "<dimension ref=\"", "<dimension ref=\"ZZZZZZZZZZ99999999999\" x=\""),
    ] {
        let bytes = with_part(&good, part, |xml| {
            assert!(xml.contains(from), "{xml}");
            xml.replace(from, to)
        });
        assert_eq!(table(&bytes).rows.len(), 2, "{to}");
    }
}

#[test]
fn multiplied_styles_and_strings_are_refused() {
    let long = "0".repeat(100_000);
    let xfs = "<xf numFmtId=\"200\"/>".repeat(10_000);
    let bytes = with_part(&list(|_| {}), "xl/styles.xml", |xml| {
        xml.replace("<fonts", &format!("<numFmts><numFmt numFmtId=\"200\" formatCode=\"{long}\"/></numFmts><fonts"))
            .replace("</cellXfs>", &format!("{xfs}</cellXfs>"))
    });
    let limits = Limits { ratio: 10_000, ..Limits::default() };
    assert_eq!(read(&bytes, &limits).unwrap_err().code(), "import.zip_bomb");
    let bytes = with_part(&list(|_| {}), "xl/sharedStrings.xml", |xml| {
        xml.replace("</sst>", &format!("{}</sst>", "<si/>".repeat(4_000_001)))
    });
    assert_eq!(read(&bytes, &limits).unwrap_err().code(), "import.zip_bomb");
}

#[test]
fn unknown_header_says_what_is_missing() {
    let missing = |csv: &str| match refusal(csv.as_bytes()) {
        Unreadable::UnknownHeader { missing, .. } => missing,
        other => panic!("{other:?}"),
    };
    let everything = [Field::Name, Field::Sex, Field::BirthDate, Field::Nik, Field::Nisn];
    assert_eq!(missing("Barang,Harga\nKopi,5000\n"), everything);
    assert_eq!(missing("Nama;Tgl Lahir;NIK\nSiti;x;y\n"), [Field::Sex]);
    assert_eq!(missing("Nama\tJK\tTanggal Lahir\nSiti\tP\tx\n"), [Field::Nik, Field::Nisn]);
    assert_eq!(missing("NISN,NIK,JK,Tanggal Lahir\n"), [Field::Name]);
    let deep = format!("{}Nama,JK,Tanggal Lahir,NIK\na,b,c,d\n", ",\n".repeat(15));
    assert_eq!(missing(&deep), everything);
    let shallow = format!("{}Nama,JK,Tanggal Lahir,NIK\na,b,c,d\n", ",\n".repeat(14));
    assert_eq!(table(shallow.as_bytes()).rows[0].number, 16);
}

#[test]
fn every_refusal_has_its_own_code() {
    let all = [
        Unreadable::Empty,
        Unreadable::TooLarge { limit: 1, size: 2 },
        Unreadable::TooManyRows { limit: 1 },
        Unreadable::TooManyColumns { limit: 1 },
        Unreadable::ExpandsTooFar { limit: 1 },
        Unreadable::Encrypted,
        Unreadable::OldFormat,
        Unreadable::UnsupportedFormat { found: "xlsb" },
        Unreadable::NotAWorkbook,
        Unreadable::Damaged,
        Unreadable::UnknownHeader { missing: vec![], guess: None },
    ];
    let codes: std::collections::BTreeSet<&str> = all.iter().map(Unreadable::code).collect();
    assert_eq!(codes.len(), all.len());
    assert!(codes.iter().all(|code| code.starts_with("import.")));
    assert_eq!(all[5].to_string(), "import.encrypted");
}

/// The files that try a reader, which are read to the end in the tests of the whole program.
fn tried(file: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../fixtures/imports/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Every cell with its address, as a person would quote it: a text file cannot tell a number from its digits.
fn shown(table: &Opened) -> Vec<Vec<(Field, Option<String>, String)>> {
    let cells = |row: &SourceRow| {
        row.fields().map(|field| (field, row.address(field), row.cell(field).shown().into_owned())).collect()
    };
    table.rows.iter().map(cells).collect()
}

#[test]
fn one_sheet_is_the_same_table_in_every_format() {
    for (sheet, others) in [
        ("dapodik.xlsx", &["dapodik.xls", "dapodik-95.xls", "dapodik.ods", "no-shared-strings.xlsx"][..]),
        ("dapodik.xlsx", &["utf-16-le.txt", "windows-1252.txt", "sep.csv", "several-sheets.ods"]),
        ("72-columns.xlsx", &["72-columns.ods"]),
        ("moved.xlsx", &["moved.xls", "moved.ods"]),
        ("dates.xlsx", &["dates.xls", "dates.ods", "dates-1904.xls", "dates-1904.xlsx"]),
        ("dates.xlsx", &["formulas.xlsx", "formulas.xls", "formulas.ods"]),
        ("numbers.xlsx", &["numbers.xls", "numbers.ods"]),
        ("faults.xlsx", &["faults.xls", "faults.ods"]),
    ] {
        let table = table(&tried(sheet));
        assert_eq!(table.rows.len(), 3);
        for other in others {
            let other_table = self::table(&tried(other));
            let (rows, other_rows) = (shown(&table), shown(&other_table));
            assert_eq!((other_table.layout, other_rows), (table.layout, rows), "{other}");
        }
    }
}

#[test]
fn days_are_told_from_other_numbers_by_their_format() {
    for format in ["dd/mm/yyyy", r"[$-421]dd\ mmmm\ yyyy;@", "yyyy", "D-M-YY", "m/d/yyyy h:mm"] {
        assert!(xls::shows_a_day(format), "{format}");
    }
    for format in ["General", "0.00", "h:mm:ss", "[h]:mm", "#,##0 \"hari\"", r"0\d", "[Red]0.0", "_d0", "\"tidak"] {
        assert!(!xls::shows_a_day(format), "{format}");
    }
}

#[test]
fn cells_of_a_spreadsheet_keep_their_kind() {
    let row = "<table:table-row>";
    let kinds = concat!(
        "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>catatan</text:p></office:annotation>",
        "<text:p>Siti<text:s text:c=\"2\"/><text:span>A&amp;&#66;</text:span></text:p><text:p>lagi</text:p></table:table-cell>",
        "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"true\"><text:p>BENAR</text:p></table:table-cell>",
        "<table:table-cell office:value-type=\"date\" office:date-value=\"2007-11-17T00:00:00\"/>",
        "<table:table-cell office:value-type=\"percentage\" office:value=\"0.5\"><text:p>50 %</text:p></table:table-cell>",
        "</table:table-row>",
    );
    let header: String = ["Nama", "JK", "Tanggal Lahir", "NIK"]
        .map(|text| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>"))
        .concat();
    let sheet = |rows: &str| {
        with_part(&tried("dapodik.ods"), "content.xml", |xml| {
            let start = xml.find("<table:table ").unwrap();
            let end = xml.find("</office:spreadsheet>").unwrap();
            format!("{}<table:table>{row}{header}</table:table-row>{rows}</table:table>{}", &xml[..start], &xml[end..])
        })
    };
    let table = table(&sheet(&format!("{row}{kinds}")));
    let [name, sex, birth, nik] =
        [Field::Name, Field::Sex, Field::BirthDate, Field::Nik].map(|f| table.rows[0].cell(f).clone());
    assert_eq!(name, text("Siti A&B\nlagi"));
    assert_eq!((sex, birth, nik), (Cell::Flag(true), Cell::Date(day(2007, 11, 17)), Cell::Number(0.5)));
    // Equal rows may be said once, and rows may stand in groups.
    let twice = format!(
        "<table:table-row-group><table:table-row table:number-rows-repeated=\"2\">{kinds}</table:table-row-group>"
    );
    let numbers: Vec<u32> = self::table(&sheet(&twice)).rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [2, 3]);
    for broken in [
        kinds.replace("&#66;", "&nama;"),
        kinds.replace("0.5", "setengah"),
        kinds.replace("</table:table-row>", ""),
        kinds.replace("<text:p>lagi</text:p>", "<text:p>lagi</text:q>"),
    ] {
        assert_eq!(refusal(&sheet(&format!("{row}{broken}"))), Unreadable::Damaged, "{broken}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(
        start in prop::sample::select(vec![&b""[..], b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"\xFF\xFE", b"\xFE\xFF", b"\xEF\xBB\xBF", b"Nama;JK;Tanggal Lahir;NIK\n"]),
        rest in prop::collection::vec(any::<u8>(), 0..2_000),
    ) {
        let _ = read(&[start, &rest].concat(), &Limits::default());
    }

    #[test]
    fn no_text_makes_it_panic(lines in prop::collection::vec("[\"',;\t\r\n0-9A-Za-zé ]{0,40}", 0..40)) {
        let _ = read(lines.join("\n").as_bytes(), &Limits::default());
        let header = format!("Nama,JK,Tanggal Lahir,NIK\n{}", lines.join("\n"));
        let _ = read(header.as_bytes(), &Limits::default());
    }

    #[test]
    fn no_cell_makes_it_panic(text in "\\PC{0,30}", number in any::<f64>()) {
        for cell in [Cell::text(&text), Cell::Number(number)] {
            let _ = (date(&cell), digits(&cell), cell.shown());
        }
    }

    #[test]
    fn no_change_of_a_workbook_makes_it_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = small().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes, &Limits::default());
    }

    #[test]
    fn no_change_of_an_old_workbook_makes_it_panic(
        file in prop::sample::select(vec!["several-sheets.xls", "small.xls", "dapodik-95.xls", "formulas.xls", "faults.xls"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![0_u8, 1, 2, 3, 4, 8, 9, 0x3C, 0x7F, 0x80, 0xFE, 0xFF])), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = tried(file);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes, &Limits::default());
    }

    #[test]
    fn no_change_of_a_spreadsheet_makes_it_panic(
        file in prop::sample::select(vec!["several-sheets.ods", "formulas.ods", "faults.ods"]),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::sample::select(vec!["", "<", ">", "\"", "/", "&", ";", "&lt;", "&#0;", "&#x110000;", "9", "-1", "4294967296", "<table:table>", "</table:table>", "<table:table-row table:number-rows-repeated=\"4294967295\">", "</table:table-row>", "<table:table-cell table:number-columns-repeated=\"4294967295\">", "</table:table-cell>", "<text:p>", "</text:p>", "<office:annotation>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "<!", "\u{e9}", "1e999", "NaN"]), 0_usize..6),
            1..6,
        ),
    ) {
        let bytes = with_part(&tried(file), "content.xml", |mut xml| {
            for (at, piece, removed) in &changes {
                let mut start = at.index(xml.len() + 1);
                while !xml.is_char_boundary(start) { start -= 1; }
                let mut end = (start + removed).min(xml.len());
                while !xml.is_char_boundary(end) { end += 1; }
                xml.replace_range(start..end, piece);
            }
            xml
        });
        let _ = read(&bytes, &Limits::default());
    }

    /// The same inside the parts, where no checksum stops a change early.
    #[test]
    fn no_change_of_a_part_makes_it_panic(
        part in prop::sample::select(vec![SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"]),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::sample::select(vec!["", "<", ">", "\"", "'", "=", "/", "&", ";", "&#x110000;", "&lt;", "0", "9", "-", "99999999999", "ZZZZZZZZ", ":", "r=\"", "s=\"9\"", "t=\"s\"", "t=\"d\"", "t=\"e\"", "<v>", "</v>", "<c>", "<c/>", "<row/>", "</row>", "<is>", "_xD83D_", "<!--", "-->", "<![CDATA[", "]]>", "<?", "\u{e9}", " ", "1e999", "nan"]), 0_usize..6),
            1..6,
        ),
    ) {
        let bytes = with_part(small(), part, |mut xml| {
            for (at, piece, removed) in &changes {
                let mut start = at.index(xml.len() + 1);
                while !xml.is_char_boundary(start) { start -= 1; }
                let mut end = (start + removed).min(xml.len());
                while !xml.is_char_boundary(end) { end += 1; }
                xml.replace_range(start..end, piece);
            }
            xml
        });
        let _ = read(&bytes, &Limits::default());
    }
}

/// A workbook with some of everything, made once for all changed copies.
fn small() -> &'static [u8] {
    static SMALL: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    SMALL.get_or_init(|| {
        let date = Format::new().set_num_format("yyyy-mm-dd");
        list(|sheet| {
            for row in 2..30 {
                sheet.write(row, 0, "Nama <&> \"é\"").unwrap();
                sheet.write(row, 1, row % 2 == 0).unwrap();
                sheet.write_with_format(row, 2, 39_000 + row, &date).unwrap();
                sheet.write_formula(row, 3, Formula::new("=A1").set_result("18")).unwrap();
            }
        })
    })
}
