// The tables as the migrations leave them, in the shape the Diesel command line prints. A test compares them with both databases.

diesel::table! {
    accounts (id) {
        id -> BigInt,
        email -> Text,
        name -> Text,
        role -> Text,
        province_code -> Nullable<Text>,
        regency_code -> Nullable<Text>,
        partner_id -> Nullable<BigInt>,
        password_hash -> Nullable<Text>,
        disabled -> Bool,
        epoch -> Integer,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        factor_secret -> Nullable<Text>,
        factor_offered -> Nullable<Text>,
        factor_step -> BigInt,
    }
}

diesel::table! {
    agreement_files (agreement_id) {
        agreement_id -> BigInt,
        sha256 -> Text,
        size -> Integer,
        file_sealed -> Text,
        kept_at -> Timestamp,
        kept_by -> BigInt,
    }
}

diesel::table! {
    agreement_parents (agreement_id) {
        agreement_id -> BigInt,
        parent_id -> BigInt,
    }
}

diesel::table! {
    agreement_parties (agreement_id, position) {
        agreement_id -> BigInt,
        position -> Integer,
        name -> Text,
        number -> Nullable<Text>,
        signatory -> Text,
        title -> Text,
        authority -> Nullable<Text>,
    }
}

diesel::table! {
    agreement_programs (agreement_id, program_id) {
        agreement_id -> BigInt,
        program_id -> BigInt,
    }
}

diesel::table! {
    agreement_regencies (agreement_id, regency_code) {
        agreement_id -> BigInt,
        regency_code -> Text,
    }
}

diesel::table! {
    agreement_warnings (agreement_id, days) {
        agreement_id -> BigInt,
        days -> Integer,
        sent_at -> Timestamp,
    }
}

diesel::table! {
    agreement_years (agreement_id, year) {
        agreement_id -> BigInt,
        year -> Integer,
        seats -> Integer,
        seats_planned -> Integer,
    }
}

diesel::table! {
    agreements (id) {
        id -> BigInt,
        partner_id -> BigInt,
        kind -> Text,
        number -> Text,
        title -> Text,
        signed_on -> Date,
        starts_on -> Date,
        ends_on -> Date,
        seats -> Nullable<Integer>,
        seats_planned -> Integer,
        terminated_on -> Nullable<Date>,
        termination_reason -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        is_draft -> Bool,
        seats_per_year -> Nullable<Integer>,
    }
}

diesel::table! {
    attempts (counter) {
        counter -> Text,
        failures -> Integer,
        failed_at -> Timestamp,
    }
}

diesel::table! {
    attendance (session_id, enrollment_id) {
        session_id -> BigInt,
        enrollment_id -> BigInt,
        mark -> Text,
        marked_at -> BigInt,
        marked_by -> BigInt,
    }
}

diesel::table! {
    attendance_clashes (id) {
        id -> BigInt,
        class_id -> BigInt,
        session_id -> BigInt,
        enrollment_id -> BigInt,
        opened_at -> Timestamp,
        outcome -> Nullable<Text>,
        closed_at -> Nullable<Timestamp>,
        closed_by -> Nullable<BigInt>,
        mark -> Nullable<Text>,
        version -> Integer,
    }
}

diesel::table! {
    attendance_entries (id) {
        id -> Text,
        session_id -> BigInt,
        enrollment_id -> BigInt,
        mark -> Text,
        minutes_late -> Nullable<Integer>,
        note_sealed -> Nullable<Text>,
        device -> Text,
        place -> BigInt,
        seen -> Nullable<BigInt>,
        made_at -> Timestamp,
        received_at -> Timestamp,
        received_by -> BigInt,
        moment -> BigInt,
        state -> Text,
        result -> Text,
        clash_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    attendance_corrections (id) {
        id -> BigInt,
        session_id -> BigInt,
        enrollment_id -> BigInt,
        mark -> Text,
        marked_at -> BigInt,
        marked_by -> BigInt,
        replaced_at -> Timestamp,
        replaced_by -> BigInt,
        device -> Text,
        minutes_late -> Nullable<Integer>,
        note_sealed -> Nullable<Text>,
    }
}

diesel::table! {
    attendance_notes (session_id, enrollment_id) {
        session_id -> BigInt,
        enrollment_id -> BigInt,
        minutes_late -> Nullable<Integer>,
        note_sealed -> Nullable<Text>,
    }
}

diesel::table! {
    audit_chain (sequence) {
        sequence -> BigInt,
        event_id -> BigInt,
        hash -> Text,
        mac -> Text,
    }
}

diesel::table! {
    attendance_tallies (enrollment_id, mark) {
        enrollment_id -> BigInt,
        mark -> Text,
        sessions -> Integer,
        lesson_hours -> Integer,
    }
}

diesel::table! {
    audit_events (id) {
        id -> BigInt,
        at -> Timestamp,
        province_code -> Nullable<Text>,
        account_id -> Nullable<BigInt>,
        role -> Nullable<Text>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> BigInt,
        request_id -> Text,
        address -> Text,
        detail -> Text,
        scope -> Text,
        device -> Text,
        person_id -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        changes -> Text,
        mac -> Text,
    }
}

diesel::table! {
    certificate_counters (issuer_id, year) {
        issuer_id -> BigInt,
        year -> Integer,
        last_number -> Integer,
    }
}

diesel::table! {
    certificate_fonts (sha256) {
        sha256 -> Text,
        file -> Text,
    }
}

diesel::table! {
    certificate_logos (sha256) {
        sha256 -> Text,
        width -> Integer,
        height -> Integer,
        pixels -> Text,
    }
}

diesel::table! {
    certificate_templates (partner_id) {
        partner_id -> BigInt,
        number_pattern -> Text,
        heading -> Nullable<Text>,
        address -> Nullable<Text>,
        contact -> Nullable<Text>,
        accreditation_id -> Nullable<Text>,
        accreditation_en -> Nullable<Text>,
        second_name -> Nullable<Text>,
        second_title -> Nullable<Text>,
        second_nip -> Nullable<Text>,
        back_page -> Text,
        logo_sha256 -> Nullable<Text>,
        version -> Integer,
        updated_at -> Timestamp,
        updated_by -> BigInt,
    }
}

diesel::table! {
    certificates (id) {
        id -> BigInt,
        completion_id -> BigInt,
        enrollment_id -> BigInt,
        class_id -> BigInt,
        province_code -> Text,
        issuer_id -> BigInt,
        year -> Integer,
        sequence -> Integer,
        number -> Text,
        code -> Text,
        snapshot -> Text,
        snapshot_sha256 -> Text,
        issued_on -> Date,
        issued_at -> Timestamp,
        issued_by -> BigInt,
        revoked_on -> Nullable<Date>,
        revocation_reason -> Nullable<Text>,
        version -> Integer,
        replaced_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    corrected_scores (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        component -> Text,
        attempt -> Integer,
        score -> BigInt,
        assessed_on -> Date,
        recorded_at -> Timestamp,
        recorded_by -> BigInt,
        replaced_by -> Nullable<BigInt>,
        corrected_at -> Timestamp,
        corrected_by -> BigInt,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    credentials (certificate_id) {
        certificate_id -> BigInt,
        jwt -> Text,
        status_list_id -> BigInt,
        status_index -> Integer,
        revoked -> Bool,
    }
}

diesel::table! {
    issuer_keys (id) {
        id -> BigInt,
        issuer_id -> BigInt,
        kid -> Text,
        public_jwk -> Text,
        private_sealed -> Nullable<Text>,
        made_at -> Timestamp,
        made_by -> BigInt,
        retired_at -> Nullable<Timestamp>,
        public_url -> Nullable<Text>,
    }
}

diesel::table! {
    status_lists (id) {
        id -> BigInt,
        issuer_id -> BigInt,
        number -> Integer,
        taken -> Integer,
        jwt -> Text,
        public_url -> Nullable<Text>,
    }
}

diesel::table! {
    class_changes (class_id, kind, subject_id) {
        class_id -> BigInt,
        kind -> Text,
        subject_id -> BigInt,
        number -> BigInt,
    }
}

diesel::table! {
    class_feeds (class_id) {
        class_id -> BigInt,
        number -> BigInt,
        held_hours -> BigInt,
        coming_hours -> BigInt,
    }
}

diesel::table! {
    class_counts (cohort_id, regency_code) {
        cohort_id -> BigInt,
        regency_code -> Text,
        classes -> Integer,
        seats -> Integer,
    }
}

diesel::table! {
    class_slots (class_id, weekday, starts_at) {
        class_id -> BigInt,
        weekday -> Integer,
        starts_at -> Integer,
        lesson_hours -> Integer,
    }
}

diesel::table! {
    class_stays (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        class_id -> BigInt,
        seated_on -> Date,
        left_on -> Date,
    }
}

diesel::table! {
    classes (id) {
        id -> BigInt,
        cohort_id -> BigInt,
        province_code -> Text,
        regency_code -> Text,
        partner_id -> BigInt,
        agreement_id -> BigInt,
        agreement_override -> Nullable<Text>,
        instructor_id -> Nullable<BigInt>,
        name -> Text,
        room -> Nullable<Text>,
        seats -> Integer,
        seated -> Integer,
        minimum -> Integer,
        reserves -> Integer,
        starts_on -> Date,
        ends_on -> Date,
        state -> Text,
        cancel_reason -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        held -> Integer,
    }
}

diesel::table! {
    cohorts (id) {
        id -> BigInt,
        province_code -> Text,
        program_id -> BigInt,
        program_version_id -> BigInt,
        segment -> Text,
        name -> Text,
        starts_on -> Date,
        ends_on -> Date,
        registration_opens_on -> Date,
        registration_closes_on -> Date,
        seats_wanted -> Integer,
        class_size -> Integer,
        length_reason -> Nullable<Text>,
        state -> Text,
        cancel_reason -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        offer_days -> Integer,
        eligibility -> Text,
        seating_delegated -> Bool,
    }
}

diesel::table! {
    completions (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        outcome -> Text,
        decided_on -> Date,
        decided_at -> Timestamp,
        decided_by -> BigInt,
        override_reason -> Nullable<Text>,
        evidence -> Text,
        is_open -> Bool,
    }
}

diesel::table! {
    consents (id) {
        id -> BigInt,
        participant_id -> BigInt,
        purpose -> Text,
        text_version -> Text,
        given_by -> Text,
        giver_sealed -> Text,
        method -> Text,
        given_on -> Date,
        recorded_at -> Timestamp,
        recorded_by -> BigInt,
        withdrawn_on -> Nullable<Date>,
        version -> Integer,
        replaced_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    enrollment_counts (cohort_id, regency_code, state) {
        cohort_id -> BigInt,
        regency_code -> Text,
        state -> Text,
        people -> Integer,
    }
}

diesel::table! {
    enrollment_transitions (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        from_state -> Nullable<Text>,
        to_state -> Text,
        class_id -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        at -> Timestamp,
        account_id -> Nullable<BigInt>,
        out_of_order -> Bool,
        until -> Nullable<Date>,
    }
}

diesel::table! {
    enrollments (id) {
        id -> BigInt,
        cohort_id -> BigInt,
        participant_id -> BigInt,
        province_code -> Text,
        regency_code -> Text,
        school_id -> Nullable<BigInt>,
        class_id -> Nullable<BigInt>,
        state -> Text,
        live -> Bool,
        applied_at -> Timestamp,
        seated_on -> Nullable<Date>,
        left_on -> Nullable<Date>,
        import_id -> Nullable<BigInt>,
        version -> Integer,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    exam_results (id) {
        id -> BigInt,
        participant_id -> BigInt,
        scheme -> Text,
        sitting -> Text,
        level -> Nullable<Text>,
        taken_on -> Date,
        sections -> Text,
        total -> Nullable<BigInt>,
        outcome -> Text,
        computed -> Nullable<Text>,
        certificate_number -> Nullable<Text>,
        valid_until -> Nullable<Date>,
        reason -> Nullable<Text>,
        recorded_at -> Timestamp,
        recorded_by -> BigInt,
        replaces -> Nullable<BigInt>,
        in_force -> Bool,
        version -> Integer,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_by -> Nullable<BigInt>,
        withdrawal_reason -> Nullable<Text>,
    }
}

diesel::table! {
    holds (id) {
        id -> BigInt,
        participant_id -> BigInt,
        why -> Text,
        since -> Date,
        until -> Nullable<Date>,
        placed_by -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (account_id, idempotency_key) {
        account_id -> BigInt,
        idempotency_key -> Text,
        status -> Integer,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        answer_sealed -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    import_contents (import_id) {
        import_id -> BigInt,
        rows_sealed -> Text,
        plan_sealed -> Nullable<Text>,
    }
}

diesel::table! {
    import_effects (import_id) {
        import_id -> BigInt,
        effects_sealed -> Text,
    }
}

diesel::table! {
    imports (id) {
        id -> BigInt,
        province_code -> Text,
        school_id -> Nullable<BigInt>,
        cohort_id -> Nullable<BigInt>,
        file_name -> Text,
        file_sha256 -> Text,
        state -> Text,
        summary -> Text,
        created_at -> Timestamp,
        created_by -> BigInt,
        applied_at -> Nullable<Timestamp>,
        applied_by -> Nullable<BigInt>,
        version -> Integer,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<BigInt>,
        kind -> Text,
        class_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        kind -> Text,
        state -> Text,
        province_code -> Text,
        school_id -> Nullable<BigInt>,
        import_id -> Nullable<BigInt>,
        file_rows -> Integer,
        asked -> Text,
        file_sealed -> Nullable<Text>,
        attempts -> Integer,
        outcome -> Nullable<Text>,
        asked_by -> BigInt,
        service_token_id -> Nullable<BigInt>,
        request_id -> Text,
        address -> Text,
        device -> Text,
        created_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        cancelled_by -> Nullable<BigInt>,
        version -> Integer,
        class_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    known_networks (account_id, network) {
        account_id -> BigInt,
        network -> Text,
        signed_in_at -> Timestamp,
    }
}

diesel::table! {
    incident_people (incident_id, participant_id) {
        incident_id -> BigInt,
        participant_id -> BigInt,
    }
}

diesel::table! {
    incidents (id) {
        id -> BigInt,
        province_code -> Text,
        happened_at -> Nullable<Timestamp>,
        found_at -> Timestamp,
        what -> Text,
        kinds -> Text,
        remedy -> Nullable<Text>,
        people -> Integer,
        state -> Text,
        agency_notified_on -> Nullable<Date>,
        people_notified_on -> Nullable<Date>,
        recorded_at -> Timestamp,
        recorded_by -> BigInt,
        version -> Integer,
    }
}

diesel::table! {
    layouts (id) {
        id -> BigInt,
        province_code -> Text,
        school_id -> Nullable<BigInt>,
        fingerprint -> Text,
        headers -> Text,
        saved_at -> Timestamp,
        saved_by -> BigInt,
    }
}

diesel::table! {
    logins (id) {
        id -> BigInt,
        account_id -> BigInt,
        device -> Text,
        created_at -> Timestamp,
        refreshed_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
        factor_missing -> Bool,
        confirmed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        state -> Text,
        content -> Nullable<Text>,
        attempts -> Integer,
        next_attempt_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        error -> Nullable<Text>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    participants (id) {
        id -> BigInt,
        province_code -> Text,
        regency_code -> Text,
        school_id -> Nullable<BigInt>,
        name -> Text,
        search_name -> Text,
        sex -> Text,
        birth_place -> Text,
        birth_date -> Date,
        nik_hash -> Nullable<Text>,
        nik_sealed -> Nullable<Text>,
        nisn -> Nullable<Text>,
        student_number -> Nullable<Text>,
        homeroom -> Nullable<Text>,
        graduation_year -> Nullable<Integer>,
        contact_sealed -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        import_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    partner_names (partner_id, valid_from) {
        partner_id -> BigInt,
        valid_from -> Date,
        kind -> Text,
        name -> Text,
        head_name -> Nullable<Text>,
        head_title -> Nullable<Text>,
        head_nip -> Nullable<Text>,
    }
}

diesel::table! {
    partners (id) {
        id -> BigInt,
        province_code -> Text,
        regency_code -> Text,
        kind -> Text,
        name -> Text,
        search_name -> Text,
        npsn -> Nullable<Text>,
        vin -> Nullable<Text>,
        state_owned -> Bool,
        head_name -> Nullable<Text>,
        head_title -> Nullable<Text>,
        head_nip -> Nullable<Text>,
        named_from -> Date,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    password_links (token_hash) {
        token_hash -> Text,
        account_id -> BigInt,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    person_requests (id) {
        id -> BigInt,
        participant_id -> BigInt,
        province_code -> Text,
        school_id -> Nullable<BigInt>,
        kind -> Text,
        purpose -> Nullable<Text>,
        until -> Nullable<Date>,
        asked_by -> Text,
        asker_sealed -> Text,
        received_at -> Timestamp,
        recorded_at -> Timestamp,
        recorded_by -> BigInt,
        state -> Text,
        ground -> Nullable<Text>,
        answer_sealed -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<BigInt>,
        version -> Integer,
    }
}

diesel::table! {
    program_versions (id) {
        id -> BigInt,
        program_id -> BigInt,
        number -> Integer,
        valid_from -> Date,
        lesson_hours -> Integer,
        curriculum -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    programs (id) {
        id -> BigInt,
        code -> Text,
        name_id -> Text,
        name_en -> Text,
        latest -> Integer,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    recovery_codes (account_id, code_hash) {
        account_id -> BigInt,
        code_hash -> Text,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        login_id -> BigInt,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    reopened_completions (id) {
        id -> BigInt,
        completion_id -> BigInt,
        enrollment_id -> BigInt,
        outcome -> Text,
        decided_on -> Date,
        decided_at -> Timestamp,
        decided_by -> BigInt,
        override_reason -> Nullable<Text>,
        evidence -> Text,
        reopened_at -> Timestamp,
        reopened_by -> BigInt,
        reason -> Text,
    }
}

diesel::table! {
    rule_severities (province_code, code) {
        province_code -> Text,
        code -> Text,
        severity -> Text,
    }
}

diesel::table! {
    scores (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        component -> Text,
        attempt -> Integer,
        score -> BigInt,
        assessed_on -> Date,
        recorded_at -> Timestamp,
        recorded_by -> BigInt,
    }
}

diesel::table! {
    seat_offers (id) {
        id -> BigInt,
        enrollment_id -> BigInt,
        class_id -> BigInt,
        made_at -> Timestamp,
        expires_at -> Timestamp,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<BigInt>,
        answer -> Nullable<Text>,
        version -> Integer,
    }
}

diesel::table! {
    seat_reservations (id) {
        id -> BigInt,
        class_id -> BigInt,
        province_code -> Text,
        school_id -> BigInt,
        seats -> Integer,
        named -> Integer,
        until -> Date,
        returned_at -> Nullable<Timestamp>,
        made_at -> Timestamp,
        made_by -> BigInt,
        version -> Integer,
    }
}

diesel::table! {
    seating_plan_classes (plan_id, class_id) {
        plan_id -> BigInt,
        class_id -> BigInt,
        seats -> Integer,
        taken -> Integer,
        planned -> Integer,
        minimum -> Integer,
        reserves -> Integer,
        reserved -> Integer,
    }
}

diesel::table! {
    seating_plan_rows (plan_id, enrollment_id) {
        plan_id -> BigInt,
        enrollment_id -> BigInt,
        place -> Integer,
        outcome -> Text,
        class_id -> Nullable<BigInt>,
        why -> Nullable<Text>,
        why_not -> Nullable<Text>,
        chosen -> Bool,
        reason -> Nullable<Text>,
        out_of_order -> Bool,
        moved -> Bool,
        class_before -> Nullable<BigInt>,
    }
}

diesel::table! {
    seating_plans (id) {
        id -> BigInt,
        cohort_id -> BigInt,
        province_code -> Text,
        state -> Text,
        summary -> Text,
        made_at -> Timestamp,
        made_by -> BigInt,
        applied_at -> Nullable<Timestamp>,
        applied_by -> Nullable<BigInt>,
        version -> Integer,
    }
}

diesel::table! {
    service_tokens (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        token_hash -> Text,
        operations -> Text,
        expires_on -> Date,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        class_id -> BigInt,
        instructor_id -> Nullable<BigInt>,
        held_on -> Date,
        starts_at -> Integer,
        lesson_hours -> Integer,
        module_code -> Text,
        state -> Text,
        cancel_reason -> Nullable<Text>,
        reported_at -> Nullable<Timestamp>,
        version -> Integer,
        ends_at -> Integer,
        room -> Nullable<Text>,
        room_id -> Nullable<BigInt>,
        by_hand -> Bool,
        replaces -> Nullable<BigInt>,
        changed_at -> Timestamp,
        register_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    calendar_entries (id) {
        id -> BigInt,
        province_code -> Text,
        partner_id -> Nullable<BigInt>,
        kind -> Text,
        title -> Text,
        starts_on -> Date,
        ends_on -> Date,
        weekdays -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    calendar_links (id) {
        id -> BigInt,
        class_id -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        token_hash -> Text,
        made_at -> Timestamp,
        made_by -> BigInt,
    }
}

diesel::table! {
    rooms (id) {
        id -> BigInt,
        partner_id -> BigInt,
        folded_name -> Text,
    }
}

diesel::table! {
    session_moves (id) {
        id -> BigInt,
        session_id -> BigInt,
        held_on -> Date,
        starts_at -> Integer,
        ends_at -> Integer,
        instructor_id -> Nullable<BigInt>,
        room -> Nullable<Text>,
        reason -> Text,
        moved_at -> Timestamp,
        moved_by -> BigInt,
    }
}

diesel::joinable!(accounts -> partners (partner_id));
diesel::joinable!(agreement_files -> agreements (agreement_id));
diesel::joinable!(agreement_parties -> agreements (agreement_id));
diesel::joinable!(agreement_regencies -> agreements (agreement_id));
diesel::joinable!(agreement_warnings -> agreements (agreement_id));
diesel::joinable!(agreement_years -> agreements (agreement_id));
diesel::joinable!(agreement_programs -> programs (program_id));
diesel::joinable!(agreement_programs -> agreements (agreement_id));
diesel::joinable!(agreements -> partners (partner_id));
diesel::joinable!(attendance -> enrollments (enrollment_id));
diesel::joinable!(attendance -> sessions (session_id));
diesel::joinable!(attendance_clashes -> classes (class_id));
diesel::joinable!(attendance_clashes -> enrollments (enrollment_id));
diesel::joinable!(attendance_clashes -> sessions (session_id));
diesel::joinable!(attendance_entries -> enrollments (enrollment_id));
diesel::joinable!(attendance_entries -> sessions (session_id));
diesel::joinable!(attendance_tallies -> enrollments (enrollment_id));
diesel::joinable!(certificate_counters -> partners (issuer_id));
diesel::joinable!(certificate_templates -> partners (partner_id));
diesel::joinable!(certificate_templates -> certificate_logos (logo_sha256));
diesel::joinable!(certificates -> partners (issuer_id));
diesel::joinable!(certificates -> classes (class_id));
diesel::joinable!(certificates -> enrollments (enrollment_id));
diesel::joinable!(certificates -> completions (completion_id));
diesel::joinable!(class_changes -> classes (class_id));
diesel::joinable!(credentials -> certificates (certificate_id));
diesel::joinable!(credentials -> status_lists (status_list_id));
diesel::joinable!(issuer_keys -> partners (issuer_id));
diesel::joinable!(status_lists -> partners (issuer_id));
diesel::joinable!(class_counts -> cohorts (cohort_id));
diesel::joinable!(class_feeds -> classes (class_id));
diesel::joinable!(class_slots -> classes (class_id));
diesel::joinable!(class_stays -> classes (class_id));
diesel::joinable!(class_stays -> enrollments (enrollment_id));
diesel::joinable!(classes -> accounts (instructor_id));
diesel::joinable!(classes -> agreements (agreement_id));
diesel::joinable!(classes -> partners (partner_id));
diesel::joinable!(classes -> cohorts (cohort_id));
diesel::joinable!(cohorts -> programs (program_id));
diesel::joinable!(cohorts -> program_versions (program_version_id));
diesel::joinable!(completions -> enrollments (enrollment_id));
diesel::joinable!(corrected_scores -> enrollments (enrollment_id));
diesel::joinable!(reopened_completions -> completions (completion_id));
diesel::joinable!(reopened_completions -> enrollments (enrollment_id));
diesel::joinable!(consents -> participants (participant_id));
diesel::joinable!(enrollment_counts -> cohorts (cohort_id));
diesel::joinable!(enrollment_transitions -> enrollments (enrollment_id));
diesel::joinable!(enrollments -> imports (import_id));
diesel::joinable!(enrollments -> classes (class_id));
diesel::joinable!(enrollments -> partners (school_id));
diesel::joinable!(enrollments -> participants (participant_id));
diesel::joinable!(enrollments -> cohorts (cohort_id));
diesel::joinable!(exam_results -> participants (participant_id));
diesel::joinable!(holds -> participants (participant_id));
diesel::joinable!(idempotency_keys -> accounts (account_id));
diesel::joinable!(imports -> cohorts (cohort_id));
diesel::joinable!(import_contents -> imports (import_id));
diesel::joinable!(import_effects -> imports (import_id));
diesel::joinable!(imports -> partners (school_id));
diesel::joinable!(jobs -> imports (import_id));
diesel::joinable!(jobs -> partners (school_id));
diesel::joinable!(known_networks -> accounts (account_id));
diesel::joinable!(incident_people -> incidents (incident_id));
diesel::joinable!(incident_people -> participants (participant_id));
diesel::joinable!(layouts -> partners (school_id));
diesel::joinable!(logins -> accounts (account_id));
diesel::joinable!(outbox -> accounts (account_id));
diesel::joinable!(participants -> partners (school_id));
diesel::joinable!(partner_names -> partners (partner_id));
diesel::joinable!(password_links -> accounts (account_id));
diesel::joinable!(person_requests -> partners (school_id));
diesel::joinable!(person_requests -> participants (participant_id));
diesel::joinable!(program_versions -> programs (program_id));
diesel::joinable!(recovery_codes -> accounts (account_id));
diesel::joinable!(refresh_tokens -> logins (login_id));
diesel::joinable!(scores -> enrollments (enrollment_id));
diesel::joinable!(seat_offers -> classes (class_id));
diesel::joinable!(seat_offers -> enrollments (enrollment_id));
diesel::joinable!(seat_reservations -> classes (class_id));
diesel::joinable!(seat_reservations -> partners (school_id));
diesel::joinable!(seating_plan_classes -> classes (class_id));
diesel::joinable!(seating_plan_classes -> seating_plans (plan_id));
diesel::joinable!(seating_plan_rows -> enrollments (enrollment_id));
diesel::joinable!(seating_plan_rows -> seating_plans (plan_id));
diesel::joinable!(seating_plans -> cohorts (cohort_id));
diesel::joinable!(service_tokens -> accounts (account_id));
diesel::joinable!(sessions -> classes (class_id));
diesel::joinable!(sessions -> rooms (room_id));
diesel::joinable!(session_moves -> sessions (session_id));
diesel::joinable!(rooms -> partners (partner_id));
diesel::joinable!(calendar_links -> classes (class_id));
diesel::joinable!(calendar_links -> accounts (account_id));
diesel::joinable!(calendar_entries -> partners (partner_id));

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    agreement_files,
    agreement_parents,
    agreement_parties,
    agreement_programs,
    agreement_regencies,
    agreement_warnings,
    agreement_years,
    agreements,
    attempts,
    attendance,
    attendance_clashes,
    attendance_corrections,
    attendance_entries,
    attendance_notes,
    attendance_tallies,
    audit_chain,
    audit_events,
    calendar_entries,
    calendar_links,
    certificate_counters,
    certificate_fonts,
    certificate_logos,
    certificate_templates,
    certificates,
    class_changes,
    class_counts,
    class_feeds,
    class_slots,
    class_stays,
    classes,
    cohorts,
    completions,
    consents,
    corrected_scores,
    credentials,
    enrollment_counts,
    enrollment_transitions,
    enrollments,
    exam_results,
    holds,
    idempotency_keys,
    import_contents,
    import_effects,
    imports,
    jobs,
    known_networks,
    incident_people,
    incidents,
    issuer_keys,
    layouts,
    logins,
    outbox,
    participants,
    partner_names,
    partners,
    password_links,
    person_requests,
    program_versions,
    programs,
    recovery_codes,
    refresh_tokens,
    reopened_completions,
    rule_severities,
    scores,
    seat_offers,
    seat_reservations,
    seating_plan_classes,
    seating_plan_rows,
    seating_plans,
    rooms,
    service_tokens,
    session_moves,
    sessions,
    status_lists,
);
