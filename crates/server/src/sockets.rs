//! Connections whose far end takes nothing any more.

use actix_web::rt::net::TcpStream;

/// How long the far end may leave what it was sent lying, whether it is gone or reads nothing: an answer without an end, as
/// a stream is, would otherwise hold its connection for as long as somebody likes.
#[cfg(target_os = "linux")]
const PATIENCE_MS: u32 = 60_000;

/// Lets the kernel close the connection by itself when that time has passed. Where it knows no such rule, nothing is set.
pub(crate) fn end_when_nobody_reads(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, PATIENCE_MS) {
        tracing::debug!("a connection has no end when nobody reads: {error}");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_kernel_is_told() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(&stream).unwrap(), 0);
        end_when_nobody_reads(&stream);
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(&stream).unwrap(), PATIENCE_MS);
    }
}
