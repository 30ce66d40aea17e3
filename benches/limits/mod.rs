//! The least that the same rows could cost: plain statements, prepared once, straight into the same tables.

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// Tables an import writes, and which of their rows are its own.
pub(crate) const IMPORTED: [(&str, &str); 6] = [
    ("imports", "true"),
    ("participants", "true"),
    ("enrollments", "true"),
    ("enrollment_transitions", "true"),
    ("enrollment_counts", "true"),
    ("audit_events", "action LIKE 'import.%'"),
];

/// One mark: enrollment and letter.
pub(crate) type Marks = Vec<(i64, &'static str)>;
