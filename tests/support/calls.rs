//! Writes down which routes were called by which program, for the table in docs/API.md.
//!
//! `CORRIDOR_TEST_CALLS` names the file: a line for each program, method, route and status.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

const VARIABLE: &str = "CORRIDOR_TEST_CALLS";

/// Begins, in this process, if a file is named.
pub(crate) fn watch() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let Some(path) = std::env::var_os(VARIABLE) else { return };
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let Ok(file) = file else { return };
        let calls = Calls { file, written: Mutex::new(BTreeSet::new()) };
        let only_requests = calls.with_filter(OnlyRequests);
        // A test that has a log of its own has begun one already.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(only_requests));
    });
}

/// Everything else is not even made.
struct OnlyRequests;

impl<S> Filter<S> for OnlyRequests {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        metadata.is_span() && metadata.name() == "HTTP request"
    }
}

struct Calls {
    file: File,
    written: Mutex<BTreeSet<String>>,
}

#[derive(Default)]
struct Call {
    method: String,
    route: String,
    agent: String,
    status: String,
}

impl Visit for Call {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let said = format!("{value:?}");
        match field.name() {
            "http.method" => self.method = said,
            "http.route" => self.route = said,
            "http.user_agent" => self.agent = said,
            "http.status_code" => self.status = said,
            _ => {}
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Calls {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut call = Call::default();
        attributes.record(&mut call);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(call);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(call) = span.extensions_mut().get_mut::<Call>()
        {
            values.record(call);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let extensions = span.extensions();
        let Some(call) = extensions.get::<Call>() else { return };
        let line = format!("{}\t{}\t{}\t{}\n", call.method, call.route, call.status, call.agent);
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.insert(line.clone()) {
            // One write for a line, so that processes that share the file do not tear it.
            let _ = (&self.file).write_all(line.as_bytes());
        }
    }
}
