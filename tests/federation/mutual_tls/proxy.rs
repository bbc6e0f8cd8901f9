//! A proxy in front of a node, as small as one can be.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod, SslStream, SslVerifyMode};

use super::network::Network;

/// A proxy that ends TLS, demands certificates, and tells of them in a header of its own; one request a connection.
pub fn proxy(network: &Network, at: usize, header: &'static str) -> Result<()> {
    let place = network.place(at);
    let mut builder = SslAcceptor::mozilla_modern_v5(SslMethod::tls_server())?;
    builder.set_certificate_chain_file(&place.files.certificate)?;
    builder.set_private_key_file(&place.files.key, SslFiletype::PEM)?;
    builder.set_ca_file(network.authority.certificate())?;
    builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    let (acceptor, listener, behind) = (builder.build(), TcpListener::bind(place.federation)?, place.staff);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let acceptor = acceptor.clone();
            // A connection that breaks off is its client's affair.
            std::thread::spawn(move || {
                let mut stream = acceptor.accept(stream)?;
                pass_on(&mut stream, behind, header)
            });
        }
    });
    Ok(())
}

fn pass_on(stream: &mut SslStream<TcpStream>, behind: SocketAddr, header: &str) -> Result<()> {
    let shown = stream.ssl().peer_certificate().context("a certificate")?.to_der()?;
    let value = STANDARD.encode(shown);
    let mut request = Vec::new();
    let mut chunk = [0_u8; 4096];
    let (head, body) = loop {
        let read = stream.read(&mut chunk)?;
        ensure!(read > 0, "the client went away");
        request.extend_from_slice(&chunk[..read]);
        if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            break (String::from_utf8(request[..end].to_vec())?, request[end + 4..].to_vec());
        }
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let mut rest = vec![0_u8; length.unwrap_or(0).saturating_sub(body.len())];
    stream.read_exact(&mut rest)?;
    let mut server = TcpStream::connect(behind)?;
    server.write_all(format!("{head}\r\n{header}: :{value}:\r\nConnection: close\r\n\r\n").as_bytes())?;
    server.write_all(&body)?;
    server.write_all(&rest)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    stream.write_all(&answer)?;
    // The client reads the end from the answer's own length.
    let _ = stream.shutdown();
    Ok(())
}
