//! A world on a running clock, with its log: what the server's answers and the levers share.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::world::{Said, World};

/// So many lines of the log are kept.
const KEPT: usize = 500;

/// A line of the log, safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// By the production's clock.
    pub at: DateTime<Utc>,
    /// What happened.
    pub text: String,
}

/// "12:04:10 checkout error rate 7.5 %", in UTC.
impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.at.format("%H:%M:%S"), self.text)
    }
}

/// Real time made faster or slower: at speed 10 a minute passes in six seconds.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    epoch: DateTime<Utc>,
    speed: f64,
}

impl Clock {
    /// A clock that starts now.
    pub fn start(speed: f64) -> Self {
        Self { start: Instant::now(), epoch: Utc::now(), speed }
    }

    /// Its seconds since the start.
    pub fn elapsed(&self) -> f64 {
        self.start.elapsed().as_secs_f64() * self.speed
    }

    /// Its time at some of its seconds.
    pub fn at(&self, elapsed: f64) -> DateTime<Utc> {
        self.epoch + TimeDelta::milliseconds((elapsed * 1e3).round() as i64)
    }

    /// Its seconds since the start at a time.
    pub fn since_start(&self, unix: f64) -> f64 {
        unix - self.epoch.timestamp_micros() as f64 / 1e6
    }

    /// The time as Prometheus writes it.
    pub fn unix(&self, elapsed: f64) -> f64 {
        ((self.epoch.timestamp_micros() as f64 / 1e6 + elapsed) * 1e3).round() / 1e3
    }

    /// How long some of its seconds really take.
    pub fn really(&self, seconds: f64) -> Duration {
        Duration::try_from_secs_f64((seconds / self.speed).max(0.0)).unwrap_or(Duration::MAX)
    }
}

/// A world, its clock and its log.
pub struct Stage {
    /// The clock.
    pub clock: Clock,
    state: Mutex<Running>,
}

struct Running {
    world: World,
    log: VecDeque<Line>,
    readers: Vec<UnboundedSender<Line>>,
}

impl Stage {
    /// A stage that starts.
    pub fn new(world: World, clock: Clock) -> Self {
        let running = Running { world, log: VecDeque::new(), readers: vec![] };
        Self { clock, state: Mutex::new(running) }
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the world as it is now; what was due before has happened. Also its seconds.
    pub fn look<T>(&self, look: impl FnOnce(&World, f64) -> T) -> T {
        let mut running = self.lock();
        let now = self.advance(&mut running);
        look(&running.world, now)
    }

    /// Changes the world as it is now.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> (T, Vec<Said>)) -> T {
        let mut running = self.lock();
        self.advance(&mut running);
        let (answer, said) = change(&mut running.world);
        self.write(&mut running, said);
        answer
    }

    fn advance(&self, running: &mut Running) -> f64 {
        let now = self.clock.elapsed();
        let said = running.world.advance(now);
        self.write(running, said);
        now
    }

    fn write(&self, running: &mut Running, said: Vec<Said>) {
        for Said { at, text } in said {
            let line = Line { at: self.clock.at(at), text };
            running.readers.retain(|reader| reader.send(line.clone()).is_ok());
            running.log.push_back(line);
        }
        while running.log.len() > KEPT {
            running.log.pop_front();
        }
    }

    /// The newest lines as text.
    pub fn log(&self) -> String {
        self.lock().log.iter().map(|line| format!("{line}\n")).collect()
    }

    /// The kept lines and all that come.
    pub fn read_along(&self) -> UnboundedReceiver<Line> {
        let (sender, receiver) = unbounded_channel();
        let mut running = self.lock();
        for line in &running.log {
            let _ = sender.send(line.clone());
        }
        running.readers.push(sender);
        receiver
    }

    /// Lets what is due happen, for ever.
    pub async fn play(&self) {
        loop {
            let due = self.look(|world, now| world.next().map(|next| self.clock.really(next - now)));
            match due {
                Some(wait) => tokio::time::sleep(wait.max(Duration::from_millis(1))).await,
                None => return,
            }
        }
    }

    /// Waits until measurements are answered again.
    pub async fn measure(&self) {
        while let Some(wait) =
            self.look(|world, now| world.hangs_until(now).map(|until| self.clock.really(until - now)))
        {
            tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
        }
    }
}
