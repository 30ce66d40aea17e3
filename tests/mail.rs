//! Mail: what is sent to whom, and what becomes of it when the mail server is not as it should be.

use crate::harness::mail_server::Encryption;
use crate::harness::mail_server::MailServer;
use crate::harness::{App, json};
use vokasi_core::access::{self, Account, Actor, Role};
both! {
    fn an_invitation_reaches_its_mailbox(app: &App) {
        let server = MailServer::start(Encryption::Starttls);
        app.admin().post("/staff", json!({ "email": "dinas@example.org", "name": "Wulan Sari", "role": "education_office", "province": "18" })).created();
        app.send_mail(&server.mailer());
        println!("{}", server.only().text);
    }
}
