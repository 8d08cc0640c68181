//! Who may see what: forged tokens, strangers' conversations, tokens that end.

use serde_json::{Value, json};

use crate::client::{Server, config_in, signed, site_token};

const CUSTOMER: &str = "C-1001";

async fn code_for(server: &Server, token: &str) -> (String, Option<u16>) {
    let mut client = server.connect().await;
    client.hello(token, None, None).await;
    (client.error_code().await, client.close_code().await)
}

fn base64_url(text: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for position in 0..=chunk.len() {
            encoded.push(alphabet[(bits >> (18 - 6 * position)) as usize & 63] as char);
        }
    }
    encoded
}

#[tokio::test]
async fn forged_tokens_are_refused_and_old_ones_named_as_such() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let good = site_token(json!({ "external_id": CUSTOMER }));
    server.join(&good, None).await;
    server.join(&site_token(json!({ "external_id": CUSTOMER, "aud": "steward" })), None).await;

    let claims = json!({ "external_id": CUSTOMER, "exp": 4_102_444_800_u64 });
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = |algorithm: &str| {
        let header = json!({ "typ": "JWT", "alg": algorithm, "kid": crate::client::SITE_KEY });
        format!("{}.{}.", base64_url(&header.to_string()), base64_url(&claims.to_string()))
    };
    let changed = claims.to_string().replace(CUSTOMER, "C-1002");
    let visitor = server.visitor();
    let with_visitor_signature = visitor.rsplit('.').next().unwrap();
    let forged = [
        String::new(),
        "a.b.c".to_string(),
        "x".repeat(20_000),
        unsigned("none"),
        unsigned("None"),
        unsigned("RS256"),
        format!("{}.{}.{}", parts[0], base64_url(&changed), parts[2]),
        format!("{}.{}.{with_visitor_signature}", parts[0], parts[1]),
        signed("site-2", crate::client::SITE_SECRET, &claims),
        signed(crate::client::SITE_KEY, "another secret, long enough to be a secret", &claims),
        signed("visitor", crate::client::SITE_SECRET, &claims),
        signed("demo", crate::client::SITE_SECRET, &claims),
        site_token(json!({ "external_id": CUSTOMER, "aud": "another-service" })),
        site_token(json!({ "external_id": "" })),
        site_token(json!({ "sub": CUSTOMER })),
        signed(crate::client::SITE_KEY, crate::client::SITE_SECRET, &json!({ "external_id": "C" })),
    ];
    for token in forged {
        let shown: String = token.chars().take(200).collect();
        let refused = ("token_refused".to_string(), Some(4401));
        assert_eq!(code_for(&server, &token).await, refused, "{shown}");
    }
    let old = site_token(json!({ "external_id": CUSTOMER, "exp": 1_600_000_000 }));
    assert_eq!(code_for(&server, &old).await, ("token_expired".to_string(), Some(4401)));
    server.stop().await;
}

#[tokio::test]
async fn anothers_conversation_looks_like_none() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let owner = site_token(json!({ "external_id": CUSTOMER }));
    let (_, conversation) = server.join(&owner, None).await;
    let strangers =
        [server.visitor(), site_token(json!({ "external_id": "C-1002" })), server.visitor()];
    let mut answers = Vec::new();
    for stranger in &strangers {
        for id in [conversation.as_str(), "0198f000-0000-7000-8000-000000000000", "", "'; --"] {
            let mut client = server.connect().await;
            client.hello(stranger, Some(id), None).await;
            let (error, _) = client.until("error").await;
            answers.push((error, client.close_code().await));

            let (status, _, body) = transcript(&server, id, Some(stranger)).await;
            assert_eq!(status, 404, "{body}");
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(answers[0].0["code"], "unknown_conversation");
    assert_eq!(answers[0].1, Some(4404));
    server.stop().await;
}

async fn transcript(server: &Server, id: &str, token: Option<&str>) -> (u16, String, String) {
    let path: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let header = token.map(|token| format!("authorization: Bearer {token}\r\n"));
    let request =
        format!("GET /v1/conversations/{path}/transcript\n{}", header.unwrap_or_default());
    server.http(&request).await
}

#[tokio::test]
async fn the_owner_reads_the_transcript() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let owner = site_token(json!({ "external_id": CUSTOMER }));
    let (mut client, conversation) = server.join(&owner, None).await;
    client.say("m1", "Hello").await;
    let (reply, _) = client.until("reply").await;
    let (status, _, body) = transcript(&server, &conversation, Some(&owner)).await;
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["messages"][0]["text"], "Hello");
    assert_eq!(body["messages"][1]["text"], reply["text"]);
    assert_eq!(transcript(&server, &conversation, None).await.0, 401);

    let bearer = format!("authorization: Bearer {owner}\r\n");
    let request = |format: &str| {
        format!("GET /v1/conversations/{conversation}/transcript?format={format}\n{bearer}")
    };
    let (status, head, text) = server.http(&request("text")).await;
    assert_eq!(status, 200, "{text}");
    assert!(head.contains("content-disposition: attachment"), "{head}");
    assert!(head.contains("content-type: text/plain"), "{head}");
    assert!(text.contains("You:\n    Hello\n"), "{text}");
    assert!(text.contains("Automated assistant:\n"), "{text}");
    assert_eq!(server.http(&request("pdf")).await.0, 400);
    server.stop().await;
}

#[tokio::test]
async fn a_socket_ends_with_its_token() {
    let data = tempfile::tempdir().unwrap();
    let mut config = config_in(data.path());
    config.identity.clock_leeway_seconds = 0;
    let server = Server::start(config).await;
    let soon = jsonwebtoken::get_current_timestamp() + 2;
    let token = site_token(json!({ "external_id": CUSTOMER, "exp": soon }));
    let (mut client, _) = server.join(&token, None).await;
    assert_eq!(client.error_code().await, "token_expired");
    assert_eq!(client.close_code().await, Some(4401));
    server.stop().await;
}

#[tokio::test]
async fn a_visitors_token_is_renewed_for_the_same_visitor_and_nobody_elses() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(config_in(data.path())).await;
    let first = server.visitor();
    let (_, conversation) = server.join(&first, None).await;
    let renew = async |token: &str| {
        let request = format!("POST /v1/visitors\nauthorization: Bearer {token}\r\n");
        let (status, _, body) = server.http(&request).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        (status, body["token"].as_str().unwrap_or_default().to_string())
    };
    let (status, second) = renew(&first).await;
    assert_eq!(status, 200);
    server.join(&second, Some(&conversation)).await;
    let customer = site_token(json!({ "external_id": CUSTOMER }));
    for other in [customer.as_str(), "a.b.c"] {
        assert_eq!(renew(other).await, (401, String::new()));
    }
    server.stop().await;
}
