//! A simulated production that runs: a thread with a server on a free port of the loopback, and
//! the binding by which a room reaches it. It ends with the value that started it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

use super::bind::bind;
use super::server;
use super::stage::{Clock, Line, Stage};
use super::timeline::Timeline;
use super::world::World;
use crate::plan::binding::Binding;
use crate::plan::{Plan, ProcedureId};

/// Clock speeds that can be kept: at the fastest, a day passes in a minute and a half.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.01..=1000.0;

/// Seconds between two measurements: one of its own clock's, as far as that is kept.
const EVERY: std::ops::RangeInclusive<f64> = 0.25..=2.0;

/// A lever that is not seen over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lever {
    /// A procedure, run to its end.
    Procedure(ProcedureId),
}

/// A running simulated production. Dropping it ends its thread and closes its port.
pub struct Production {
    stage: Arc<Stage>,
    binding: Binding,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Production {
    /// Starts one for a plan. At speed 10 its clock shows a minute after six seconds.
    ///
    /// # Errors
    /// `InvalidInput` where the timeline names what the plan does not have, or the speed is none;
    /// else what the system says of a port, a runtime or a thread.
    pub fn start(plan: &Plan, timeline: Timeline, speed: f64) -> io::Result<Production> {
        if !SPEEDS.contains(&speed) {
            let message =
                format!("a speed of {speed} is not between {} and {}", SPEEDS.start(), SPEEDS.end());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let world = World::new(plan, &timeline).map_err(invalid)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let every = (2.0 / speed).clamp(*EVERY.start(), *EVERY.end());
        let binding = bind(&world, &format!("http://{address}"), every);
        let stage = Arc::new(Stage::new(world, Clock::start(speed)));
        let (stop, stopped) = oneshot::channel();
        let on_thread = stage.clone();
        let run = move || runtime.block_on(run(listener, on_thread, stopped));
        let thread = std::thread::Builder::new().name("production".to_owned()).spawn(run)?;
        Ok(Production { stage, binding, address, stop: Some(stop), thread: Some(thread) })
    }

    /// How a room reaches it: a signal for every metric with limits and every health path, and
    /// every flag.
    pub fn binding(&self) -> Binding {
        self.binding.clone()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its clock, which its samples are stamped with; the wall clock at speed 1.
    pub fn now(&self) -> DateTime<Utc> {
        self.stage.clock.at(self.stage.clock.elapsed())
    }

    /// The same clock for others, who may outlive it.
    pub fn clock(&self) -> Arc<dyn Fn() -> DateTime<Utc> + Send + Sync> {
        let stage = Arc::clone(&self.stage);
        Arc::new(move || stage.clock.at(stage.clock.elapsed()))
    }

    /// Tells it that a lever was pulled; what the lever cures begins to recover.
    pub fn cured(&self, lever: &Lever) {
        let Lever::Procedure(id) = lever;
        self.stage.change(|world| ((), world.finish_procedure(id)));
    }

    /// Its log: the lines so far and all that come. Closed when it ends.
    pub fn events(&self) -> UnboundedReceiver<Line> {
        self.stage.read_along()
    }
}

impl Drop for Production {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was said when it happened.
            let _ = thread.join();
        }
    }
}

async fn run(listener: TcpListener, stage: Arc<Stage>, stopped: oneshot::Receiver<()>) {
    let scenario = async {
        stage.play().await;
        std::future::pending::<()>().await
    };
    tokio::select! {
        _ = stopped => {}
        () = server::serve(listener, stage.clone()) => {}
        () = scenario => {}
    }
}

fn invalid(problems: Vec<super::Problem>) -> io::Error {
    let words: Vec<String> = problems.iter().map(|p| p.message.clone()).collect();
    io::Error::new(io::ErrorKind::InvalidInput, words.join("; "))
}
