//! The watchdog: every minute a cron asks the health object whether its alarm is alive, because alarms can be lost.

use worker::{Env, ScheduleContext, ScheduledEvent, event};

use crate::{health_object, log};

#[event(scheduled)]
async fn watch(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    match health_object::post(&env, "/watch", "{}").await {
        Ok(_) => {}
        Err(error) => log::error("health-object-unreachable", &error.to_string()),
    }
}
