//! Staff accounts: who appoints whom, and who sees whom.

use crate::harness::{App, Value, given, json};

both! {
    fn every_wrong_field_is_named_at_once(app: &App) {
        let admin = app.admin();
        admin.post("/staff", json!({})).invalid(&[
            ("/email", "field.required"),
            ("/name", "field.required"),
            ("/role", "field.required"),
        ]);
        let body = json!({ "email": "x", "name": "W2", "role": "boss", "province": "20", "regency": "18", "partner": "1" });
        admin.post("/staff", body).invalid(&[
            ("/email", "email.format"),
            ("/name", "name.format"),
            ("/role", "field.unknown_value"),
            ("/province", "region.unknown"),
            ("/regency", "region.format"),
            ("/partner", "field.id"),
        ]);
    }

    fn a_scope_has_the_parts_its_role_needs(app: &App) {
        let office = app.office("18");
        let school = app.school("18.07");
        let (school, regency) = (Some(school.as_str()), Some("18.07"));
        for (role, province, regency, partner) in [
            ("education_office", None, None, None),
            ("education_office", Some("18"), regency, None),
            ("education_office", Some("18"), None, school),
            ("observer", None, None, None),
            ("regency_officer", Some("18"), None, None),
            ("regency_officer", Some("18"), regency, school),
            ("school_coordinator", Some("18"), None, None),
            ("school_coordinator", None, None, school),
            ("partner_manager", Some("18"), regency, school),
            ("instructor", Some("18"), None, None),
            ("platform_admin", Some("18"), None, None),
        ] {
            let body = account(role, province, regency, partner);
            office.post("/staff", body).invalid(&[("/role", "staff.scope_mismatch")]);
        }
    }

    fn an_address_belongs_to_one_account(app: &App) {
        let office = app.office("18");
        let body = || account("observer", Some("18"), None, None);
        office.post("/staff", body()).created();
        office.post("/staff", body()).status(409).refused("staff.email_taken");
        let shouted = given::body(body()).with("email", "OBSERVER@example.org");
        office.post("/staff", shouted).status(409).refused("staff.email_taken");
    }

    fn nobody_hands_out_more_than_they_have(app: &App) {
        let school = app.school("18.07");
        let host = app.lpk("18.71");
        let other = app.lpk("18.71");
        let away = app.school("53.71");
        let (admin, office, manager) = (app.admin(), app.office("18"), app.manager(&host));
        let try_it = |by: &crate::harness::Staff<'_>, role: &str, province: Option<&str>, regency: Option<&str>, partner: Option<&str>| {
            by.post("/staff", given::body(account(role, province, regency, partner)).with("email", unique(app))).status
        };
        // The platform: platform administrators and offices.
        assert_eq!(try_it(&admin, "platform_admin", None, None, None), 201);
        assert_eq!(try_it(&admin, "education_office", Some("53"), None, None), 201);
        assert_eq!(try_it(&admin, "observer", Some("18"), None, None), 403);
        assert_eq!(try_it(&admin, "school_coordinator", Some("18"), None, Some(&school)), 403);
        // A province: everyone in it, nobody outside it.
        assert_eq!(try_it(&office, "education_office", Some("18"), None, None), 201);
        assert_eq!(try_it(&office, "regency_officer", None, Some("18.07"), None), 201);
        assert_eq!(try_it(&office, "school_coordinator", Some("18"), None, Some(&school)), 201);
        assert_eq!(try_it(&office, "partner_manager", Some("18"), None, Some(&host)), 201);
        assert_eq!(try_it(&office, "instructor", Some("18"), None, Some(&host)), 201);
        assert_eq!(try_it(&office, "observer", Some("18"), None, None), 201);
        assert_eq!(try_it(&office, "platform_admin", None, None, None), 403);
        assert_eq!(try_it(&office, "education_office", Some("53"), None, None), 403);
        assert_eq!(try_it(&office, "regency_officer", None, Some("53.71"), None), 403);
        // A partner: its own instructors.
        assert_eq!(try_it(&manager, "instructor", Some("18"), None, Some(&host)), 201);
        assert_eq!(try_it(&manager, "instructor", Some("18"), None, Some(&other)), 403);
        assert_eq!(try_it(&manager, "partner_manager", Some("18"), None, Some(&host)), 403);
        // A partner elsewhere is not there, whatever province the account is given.
        let stray = account("school_coordinator", Some("18"), None, Some(&away));
        office.post("/staff", stray).status(409).refused("reference.unknown");
        let nowhere = account("school_coordinator", Some("18"), None, Some("0000000000000"));
        office.post("/staff", nowhere).status(409).refused("reference.unknown");
        let no_school = account("school_coordinator", Some("18"), None, Some(&host));
        office.post("/staff", no_school).status(409).refused("partner.not_a_school");
    }

    fn everyone_sees_their_own(app: &App) {
        let host = app.lpk("18.71");
        let (admin, office, manager) = (app.admin(), app.office("18"), app.manager(&host));
        let instructor = app.instructor(&host);
        let stranger = app.office("53");
        let sees = |by: &crate::harness::Staff<'_>, whom: &crate::harness::Staff<'_>| {
            let alone = by.get(&format!("/staff/{}", whom.id)).status;
            let listed = by.all("/staff").iter().any(|row| row["id"] == whom.id.as_str());
            assert_eq!(listed, alone == 200, "{} {}", by.email, whom.email);
            alone
        };
        assert_eq!((sees(&admin, &office), sees(&admin, &stranger), sees(&admin, &manager)), (200, 200, 404));
        assert_eq!((sees(&office, &manager), sees(&office, &instructor), sees(&office, &stranger)), (200, 200, 404));
        assert_eq!((sees(&office, &admin), sees(&stranger, &manager)), (404, 404));
        assert_eq!((sees(&manager, &instructor), sees(&manager, &manager), sees(&manager, &office)), (200, 200, 404));
        let roles: Vec<Value> = office.all("/staff?role=instructor").iter().map(|row| row["id"].clone()).collect();
        assert_eq!(roles, [json!(instructor.id)]);
        office.get("/staff?role=boss").invalid(&[("/role", "field.unknown_value")]);
        for other in [app.regency_officer("18.07"), app.observer("18"), app.instructor(&host)] {
            other.get("/staff").denied();
            other.get(&format!("/staff/{}", instructor.id)).denied();
        }
    }

    fn an_account_is_changed_as_it_was_read(app: &App) {
        let office = app.office("18");
        let made = office.post("/staff", account("observer", Some("18"), None, None)).created();
        let path = made.location();
        office.call("PATCH", &path).json(&json!({ "name": "Baru" })).send().status(428).refused("request.if_match_required");
        let changed = office.patch(&path, &made.etag(), json!({ "name": "  Nama   Baru " })).ok();
        assert_eq!((changed.json()["name"].clone(), changed.etag()), (json!("Nama Baru"), "\"2\"".to_owned()));
        office.patch(&path, &made.etag(), json!({ "name": "Lagi" })).status(412).refused("resource.stale");
        office.patch(&path, "\"2\"", json!({ "name": "7" })).invalid(&[("/name", "name.format")]);
        assert_eq!(office.get(&path).ok().json(), changed.json());
        app.office("53").patch(&path, "\"2\"", json!({ "name": "Baru" })).not_there();
        app.manager(&app.lpk("18.71")).patch(&path, "\"2\"", json!({ "name": "Baru" })).not_there();
        let own = office.get(&format!("/staff/{}", office.id)).ok();
        office.patch(&own.address(), &own.etag(), json!({ "disabled": true })).status(409).refused("staff.self");
        office.patch(&own.address(), &own.etag(), json!({ "name": "Wulan Dewi" })).ok();
    }

    fn a_manager_changes_instructors_only(app: &App) {
        let host = app.lpk("18.71");
        let (manager, colleague, instructor) = (app.manager(&host), app.manager(&host), app.instructor(&host));
        let path = |id: &str| format!("/staff/{id}");
        manager.patch(&path(&colleague.id), "\"1\"", json!({ "disabled": true })).denied();
        manager.call("POST", &format!("{}/password-link", path(&colleague.id))).send().denied();
        manager.patch(&path(&instructor.id), "\"1\"", json!({ "disabled": true })).ok();
        instructor.get("/partners").status(401).refused("access.token_invalid");
    }

    fn every_change_is_in_the_audit(app: &App) {
        let admin = app.admin();
        let made = admin.post("/staff", account("education_office", Some("18"), None, None)).created();
        admin.patch(&made.location(), "\"1\"", json!({ "disabled": true })).ok();
        admin.patch(&made.location(), "\"2\"", json!({ "disabled": false })).ok();
        let link = admin.call("POST", &format!("{}/password-link", made.location())).send().ok();
        let token = link.field("url").rsplit_once('/').unwrap().1.to_owned();
        let password = "bunga melati di tepi jalan";
        app.call("POST", "/passwords").json(&json!({ "token": token, "password": password })).send().no_content();
        let office = app.sign_in("education_office@example.org", password);
        office.delete("/logins/current").no_content();
        let events = admin.all(&format!("/audit-events?subject={}", made.id()));
        let told: Vec<(&str, &str, &Value)> = events
            .iter()
            .map(|event| (event["action"].as_str().unwrap(), event["role"].as_str().unwrap(), &event["changes"]))
            .collect();
        let became = |before: bool, after: bool| json!({ "disabled": { "before": before, "after": after } });
        let (none, no, yes) = (json!({}), became(true, false), became(false, true));
        assert_eq!(
            told,
            [
                ("staff.created", "platform_admin", &none),
                ("staff.changed", "platform_admin", &yes),
                ("staff.changed", "platform_admin", &no),
                ("staff.password_link_made", "platform_admin", &none),
                ("staff.password_set", "education_office", &none),
                ("login.opened", "education_office", &none),
                ("login.closed", "education_office", &none),
            ]
        );
        assert_eq!(events[0]["detail"], json!({ "role": "education_office" }));
        assert!(!events.iter().any(|event| event.to_string().contains(&token)));
        // A province reads its own audit, and no one else's.
        let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&app.office("18").all(&format!("/audit-events?subject={}", made.id()))), ids(&events));
        assert_eq!(app.office("53").all(&format!("/audit-events?subject={}", made.id())), Vec::<Value>::new());
        app.observer("18").get("/audit-events").denied();
    }
}

fn account(role: &str, province: Option<&str>, regency: Option<&str>, partner: Option<&str>) -> Value {
    json!({
        "email": format!("{role}@example.org"),
        "name": "Wulan Sari",
        "role": role,
        "province": province,
        "regency": regency,
        "partner": partner,
    })
}

fn unique(app: &App) -> String {
    format!("someone-{}@example.org", app.count("accounts"))
}
