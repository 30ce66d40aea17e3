//! Partners: entered, renamed, listed.

use crate::harness::{Answer, App, Value, at_once, given, json};

both! {
    fn a_partner_is_entered_and_read_back(app: &App) {
        let office = app.office("18");
        let made = office.post("/partners", given::school(1)).created();
        let id = made.id();
        let expected = json!({
            "id": id,
            "kind": "school_smk",
            "name": "SMKN 1 Way Harapan",
            "regency": "18.07",
            "regency_name": "Kabupaten Lampung Timur",
            "npsn": "10800001",
            "vin": null,
            "state_owned": true,
            "head": { "name": "Rohmat Wirya", "title": "Kepala", "nip": "197805172005011003" },
            "valid_from": "2020-07-01",
            "updated_at": "2025-07-21T01:00:00Z",
        });
        assert_eq!(made.json(), expected);
        assert_eq!(made.location(), format!("/api/v1/partners/{id}"));
        assert_eq!(made.etag(), "\"1\"");
        let read = office.get(&made.location()).ok();
        assert_eq!(read.json(), expected);
        assert_eq!(read.etag(), "\"1\"");
        assert_eq!(office.get("/partners").ok().json(), json!({ "items": [expected], "next": null }));
    }

    fn only_what_is_needed_is_asked_for(app: &App) {
        let office = app.office("18");
        let body = json!({ "kind": "lpk", "name": "LPK Cahaya Selatan", "regency": "18.71" });
        let made = office.post("/partners", body).created().json();
        assert_eq!(
            made,
            json!({
                "id": made["id"],
                "kind": "lpk",
                "name": "LPK Cahaya Selatan",
                "regency": "18.71",
                "regency_name": "Kota Bandar Lampung",
                "npsn": null,
                "vin": null,
                "state_owned": false,
                "head": null,
                "valid_from": "2025-07-21",
                "updated_at": "2025-07-21T01:00:00Z",
            })
        );
    }

    fn today_is_the_day_in_the_partners_province(app: &App) {
        // Two in the morning of the 22nd in Lampung, three in Bali; still the 21st in UTC.
        app.set_clock("2025-07-21T19:00:00Z");
        let body = given::lpk(1).without("valid_from");
        assert_eq!(app.office("18").post("/partners", body).created().json()["valid_from"], "2025-07-22");
    }

    fn every_wrong_field_is_named_at_once(app: &App) {
        let office = app.office("18");
        let body = json!({
            "kind": "sekolah", "name": " ", "regency": "18.99", "npsn": "123", "vin": "",
            "head": { "name": "R0hmat", "title": "", "nip": "1".repeat(31) },
        });
        let answer = office.post("/partners", body).invalid(&[
            ("/kind", "field.unknown_value"),
            ("/name", "field.required"),
            ("/regency", "region.unknown"),
            ("/npsn", "npsn.format"),
            ("/vin", "field.required"),
            ("/head/name", "name.format"),
            ("/head/title", "field.required"),
            ("/head/nip", "field.length"),
        ]);
        let problem = answer.json();
        let kind = problem["errors"].as_array().unwrap().iter().find(|field| field["pointer"] == "/kind").unwrap();
        assert!(kind["facts"]["allowed"].as_str().unwrap().starts_with("school_sma, school_smk"));
        office.post("/partners", json!({})).invalid(&[
            ("/kind", "field.required"),
            ("/name", "field.required"),
            ("/regency", "field.required"),
        ]);
        assert_eq!(app.count("partners"), 0);
    }

    fn a_regency_elsewhere_is_refused(app: &App) {
        let body = given::school(1).with("regency", "53.71");
        app.office("18").post("/partners", body).invalid(&[("/regency", "region.unknown")]);
        assert_eq!(app.count("partners"), 0);
    }

    fn a_number_belongs_to_one_partner(app: &App) {
        let office = app.office("18");
        office.post("/partners", given::school(1)).created();
        office.post("/partners", given::school(2).with("npsn", "10800001")).status(409).refused("partner.npsn_taken");
        office.post("/partners", given::lpk(1)).created();
        office.post("/partners", given::lpk(2).with("vin", "VIN-0001")).status(409).refused("partner.vin_taken");
        // What the other province entered is no less taken.
        let elsewhere = given::school(3).with("npsn", "10800001").with("regency", "53.71");
        app.office("53").post("/partners", elsewhere).status(409).refused("partner.npsn_taken");
        assert_eq!((app.count("partners"), app.count("partner_names")), (2, 2));
    }

    fn a_repeat_gets_the_first_answer_and_changes_nothing(app: &App) {
        let office = app.office("18");
        let body = Value::from(given::school(1));
        let first = office.call("POST", "/partners").key("same").json(&body).send().created();
        app.set_clock("2025-07-22T01:00:00Z");
        let office = app.signed_in_again(&office);
        let again = office.call("POST", "/partners").key("same").json(&body).send().created();
        assert_eq!(first.json(), again.json());
        assert_eq!((first.etag(), first.location()), (again.etag(), again.location()));
        assert_eq!(app.count("partners"), 1);
        assert_eq!(app.count_where("audit_events", "action = 'partner.created'"), 1);
        // The key of another account is another key.
        let other = Value::from(given::school(2));
        app.office("18").call("POST", "/partners").key("same").json(&other).send().created();
    }

    fn a_key_serves_one_request(app: &App) {
        let office = app.office("18");
        let send = |key: &str, number: u32| {
            office.call("POST", "/partners").key(key).json(&given::school(number).into()).send()
        };
        send("one", 1).created();
        send("one", 2).status(409).refused("idempotency.key_reused");
        for wrong in ["", "with space", "a/b", &"x".repeat(65)] {
            send(wrong, 2).status(400).refused("idempotency.key_required");
        }
        let bare = office.call("POST", "/partners").without_key().json(&given::school(2).into()).send();
        bare.status(400).refused("idempotency.key_required");
        assert_eq!(app.count("partners"), 1);
    }

    fn a_refused_request_leaves_its_key_free(app: &App) {
        let office = app.office("18");
        let send = |body: given::Body| office.call("POST", "/partners").key("one").json(&body.into()).send();
        office.post("/partners", given::school(1)).created();
        send(given::school(1)).refused("partner.npsn_taken");
        send(given::school(2)).created();
    }

    fn of_two_at_once_with_one_number_one_wins(app: &App) {
        let office = app.office("18");
        let answers = at_once(4, |turn| {
            office.post("/partners", given::school(7).with("name", format!("SMKN 7, permintaan {turn}")))
        });
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409], "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status == 409) {
            answer.refused("partner.npsn_taken");
        }
        assert_eq!((app.count("partners"), app.count("partner_names")), (1, 1));
    }

    fn of_two_at_once_with_one_key_both_mean_one_partner(app: &App) {
        let office = app.office("18");
        let body = Value::from(given::school(7));
        let answers =
            at_once(4, |_| office.call("POST", "/partners").key("same").json(&body).send());
        let first = answers[0].json();
        for answer in answers {
            assert_eq!(answer.created().json(), first);
        }
        assert_eq!(app.count("partners"), 1);
    }

    fn a_new_name_is_valid_from_its_day_on(app: &App) {
        let office = app.office("18");
        let made = office.post("/partners", given::lpk(1)).created();
        let names = format!("{}/names", made.location());
        let renaming = json!({ "kind": "blk", "name": "BLK Cahaya Selatan", "valid_from": "2025-07-01" });
        let renamed = office.post_change(&names, &made.etag(), renaming).ok();
        assert_eq!(renamed.etag(), "\"2\"");
        let mut expected = made.json();
        expected["kind"] = json!("blk");
        expected["name"] = json!("BLK Cahaya Selatan");
        expected["head"] = json!(null);
        expected["valid_from"] = json!("2025-07-01");
        assert_eq!(renamed.json(), expected);
        assert_eq!(office.get(&made.location()).ok().json(), expected);
        assert_eq!(
            office.get(&names).ok().json(),
            json!([
                { "valid_from": "2019-01-01", "kind": "lpk", "name": "LPK Cahaya Selatan 1", "head": given::head() },
                { "valid_from": "2025-07-01", "kind": "blk", "name": "BLK Cahaya Selatan", "head": null },
            ])
        );
    }

    fn a_change_needs_the_version_it_was_read_at(app: &App) {
        let office = app.office("18");
        let made = office.post("/partners", given::lpk(1)).created();
        let names = format!("{}/names", made.location());
        let to = |day: &str| json!({ "kind": "lpk", "name": "LPK Baru", "valid_from": day });
        office.post(&names, to("2025-07-01")).status(428).refused("request.if_match_required");
        for etag in ["\"2\"", "\"0\"", "*", "1", "W/\"1\"", "\"\"", "\"99999999999999999999\""] {
            office.post_change(&names, etag, to("2025-07-01")).status(412).refused("resource.stale");
        }
        assert_eq!(office.post_change(&names, "\"1\"", to("2025-07-01")).ok().etag(), "\"2\"");
        office.post_change(&names, "\"1\"", to("2025-07-02")).status(412).refused("resource.stale");
        assert_eq!(app.count("partner_names"), 2);
    }

    fn of_changes_at_once_one_wins(app: &App) {
        let office = app.office("18");
        let made = office.post("/partners", given::lpk(1)).created();
        let names = format!("{}/names", made.location());
        let answers = at_once(4, |turn| {
            let body = json!({ "kind": "lpk", "name": format!("LPK {turn}"), "valid_from": "2025-07-01" });
            office.post_change(&names, "\"1\"", body)
        });
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.status(412).refused("resource.stale");
        }
        assert_eq!(app.count("partner_names"), 2);
    }

    fn a_new_name_follows_the_present_one(app: &App) {
        let office = app.office("18");
        let made = office.post("/partners", given::lpk(1)).created();
        let names = format!("{}/names", made.location());
        let to = |day: &str| json!({ "kind": "lpk", "name": "LPK Baru", "valid_from": day });
        for day in ["2019-01-01", "2018-12-31"] {
            let refused = office.post_change(&names, "\"1\"", to(day)).status(409).refused("partner.name_older");
            assert_eq!(refused.json()["facts"], json!({ "valid_from": "2019-01-01" }));
        }
        office.post_change(&names, "\"1\"", json!({})).invalid(&[
            ("/kind", "field.required"),
            ("/name", "field.required"),
            ("/valid_from", "field.required"),
        ]);
        assert_eq!(app.count("partner_names"), 1);
    }

    fn a_name_is_entered_on_its_day_and_not_before(app: &App) {
        let office = app.office("18");
        let future = [("/valid_from", "partner.name_future")];
        office.post("/partners", given::lpk(1).with("valid_from", "2025-07-22")).invalid(&future);
        let made = office.post("/partners", given::lpk(1)).created();
        let names = format!("{}/names", made.location());
        let renaming = json!({ "kind": "lpk", "name": "LPK Baru", "valid_from": "2025-07-22" });
        office.post_change(&names, &made.etag(), renaming.clone()).invalid(&future);
        assert_eq!((app.count("partners"), app.count("partner_names")), (1, 1));
        assert_eq!(office.get(&made.location()).ok().json(), made.json());
        // Its day comes with the partner's midnight, which is before that of UTC.
        app.set_clock("2025-07-21T17:00:00Z");
        let renamed = app.signed_in_again(&office).post_change(&names, &made.etag(), renaming).ok().json();
        assert_eq!((&renamed["name"], &renamed["valid_from"]), (&json!("LPK Baru"), &json!("2025-07-22")));
        assert_eq!(app.count("partner_names"), 2);
    }

    fn a_nik_is_not_a_number_of_a_civil_servant(app: &App) {
        let office = app.office("18");
        let head = |nip: &str| json!({ "name": "Rohmat Wirya", "title": "Kepala", "nip": nip });
        let wrong = [("/head/nip", "field.identity_number")];
        for nip in ["1807055708070001", "1807 0557 0807 0001"] {
            office.post("/partners", given::lpk(1).with("head", head(nip))).invalid(&wrong);
        }
        let made = office.post("/partners", given::lpk(1).with("head", head("197805172005011003"))).created();
        assert_eq!(made.json()["head"], head("197805172005011003"));
        let renaming = json!({
            "kind": "lpk", "name": "LPK Baru", "valid_from": "2025-07-01", "head": head("1807055708070001"),
        });
        office.post_change(&format!("{}/names", made.location()), &made.etag(), renaming).invalid(&wrong);
        assert_eq!(app.count("partner_names"), 1);
    }

    fn a_long_list_comes_in_pages(app: &App) {
        let office = app.office("18");
        let made: Vec<String> =
            (1..=5).map(|number| office.post("/partners", given::school(number)).created().id()).collect();
        app.office("53").post("/partners", given::school(6).with("regency", "53.71")).created();
        let first = office.get("/partners?limit=2").ok();
        let next = first.next_page().expect("there is more");
        assert_eq!(first.json()["next"], next.split_once("after=").unwrap().1);
        assert!(next.starts_with("/api/v1/partners?limit=2&after="), "{next}");
        let second = office.get(&next).ok();
        let third = office.get(&second.next_page().expect("there is more")).ok();
        assert_eq!(third.next_page(), None);
        assert_eq!(third.json()["next"], Value::Null);
        let ids = |page: &[Value]| page.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!([ids(&first.items()), ids(&second.items()), ids(&third.items())].concat(), made);
        // A page that is exactly full is the last one.
        assert_eq!(office.get("/partners?limit=5").ok().next_page(), None);
        assert_eq!(ids(&office.all("/partners?limit=1")), made);
    }

    fn a_wrong_page_is_refused(app: &App) {
        let office = app.office("18");
        for limit in ["0", "201", "-1"] {
            office.get(&format!("/partners?limit={limit}")).invalid(&[("/limit", "field.range")]);
        }
        office.get("/partners?limit=two").status(400).refused("query.invalid");
        for cursor in ["x", "!!", "AAAA", "__________8"] {
            office.get(&format!("/partners?after={cursor}")).status(400).refused("query.cursor");
        }
        office.get("/partners?limit=200").ok();
    }

    fn a_list_is_narrowed(app: &App) {
        let office = app.office("18");
        office.post("/partners", given::school(1).with("name", "SMA Nur'aini 100%")).created();
        office.post("/partners", given::school(2).with("name", "SMA Nurul_Huda").with("regency", "18.71")).created();
        office.post("/partners", given::lpk(3)).created();
        let names = |query: &str| -> Vec<String> {
            let rows = office.get(&format!("/partners?{query}")).ok().items();
            rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("kind=lpk"), ["LPK Cahaya Selatan 3"]);
        assert_eq!(names("regency=18.71"), ["SMA Nurul_Huda", "LPK Cahaya Selatan 3"]);
        assert_eq!(names("npsn=10800001"), ["SMA Nur'aini 100%"]);
        assert_eq!(names("name=SMA%20NUR"), ["SMA Nur'aini 100%", "SMA Nurul_Huda"]);
        assert_eq!(names("name=sma%20nuraini"), ["SMA Nur'aini 100%"]);
        // What LIKE takes for a wildcard is a letter here.
        assert_eq!(names("name=%25"), Vec::<String>::new());
        assert_eq!(names("name=sma%20nurul_"), ["SMA Nurul_Huda"]);
        assert_eq!(names("name=sma_nurul"), Vec::<String>::new());
        assert_eq!(names("kind=school_smk&regency=18.07"), ["SMA Nur'aini 100%"]);
        office.get("/partners?kind=sekolah").invalid(&[("/kind", "field.unknown_value")]);
        office
            .get("/partners?regency=1807&npsn=1&name=")
            .invalid(&[("/regency", "region.format"), ("/npsn", "npsn.format"), ("/name", "field.required")]);
    }

    fn every_change_is_in_the_audit(app: &App) {
        let office = app.office("18");
        let made = office.post("/partners", given::lpk(1)).created();
        let to = json!({ "kind": "lpk", "name": "LPK Baru", "valid_from": "2025-07-01" });
        let renamed = office.post_change(&format!("{}/names", made.location()), "\"1\"", to).ok();
        let events = office.get(&format!("/audit-events?subject_kind=partner&subject={}", made.id())).ok().items();
        let event = |row: &Value, request: &str, action: &str, detail: Value| {
            json!({
                "id": row["id"],
                "at": "2025-07-21T01:00:00Z",
                "account": office.id,
                "role": "education_office",
                "action": action,
                "subject_kind": "partner",
                "subject": made.id(),
                "person": null,
                "reason": null,
                "scope": "province 18",
                "request": request,
                "address": "127.0.0.1",
                "device": row["device"],
                "detail": detail,
                "changes": {},
            })
        };
        let request = |answer: &Answer| answer.header("x-request-id").unwrap().to_owned();
        assert_eq!(
            events,
            [
                event(&events[0], &request(&made), "partner.created", json!({ "kind": "lpk", "name": "LPK Cahaya Selatan 1" })),
                event(&events[1], &request(&renamed), "partner.renamed", json!({ "name": "LPK Baru", "valid_from": "2025-07-01" })),
            ]
        );
    }

    fn another_province_is_not_there(app: &App) {
        let made = app.office("18").post("/partners", given::school(1)).created();
        let stranger = app.office("53");
        stranger.get(&made.location()).not_there();
        stranger.get(&format!("{}/names", made.location())).not_there();
        let to = json!({ "kind": "lpk", "name": "LPK Baru", "valid_from": "2025-07-01" });
        stranger.post_change(&format!("{}/names", made.location()), "\"1\"", to).not_there();
        assert_eq!(stranger.get("/partners").ok().items(), Vec::<Value>::new());
    }
}
