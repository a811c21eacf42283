//! Changes of the live cloud: the only place where tfmend makes any (invariant 6).
//!
//! What can be done is the closed enum [`LiveAction`]; which rule may ask for which is a `match` in [`trigger`]. The one
//! door is [`execute`]: it wants an [`Approval`] that is bound to exactly this plan, writes the before-content to the
//! journal (and waits until it is on the disk) before the first call that changes anything, acts, reads back until the
//! cloud is as planned, and writes the receipt. It may be killed at any moment: what is left to do is worked out from
//! the journal and the live state (invariant 12). It never marks a finding as resolved (invariant 7).

mod change;
mod error;
pub mod history;
pub mod ingress;
pub mod plan;
pub mod public_access;
pub mod receipt;
mod refused;
mod scene;
pub mod trigger;

use std::time::Duration;

pub use change::{LiveAction, Observed, Standing};
pub use error::EmergencyError;
pub use history::{Case, History, Phase};
pub use plan::Plan;
pub use receipt::{Direction, Operator, Receipt, Recorder, Sent};
pub use refused::{Refused, RefusedKind};
pub use scene::{Place, Scene};

use crate::approval::Approval;
use crate::cloud::CloudError;

/// How often the live state is read back at most, and how long is waited in between: a minute altogether.
const LOOKS: u32 = 20;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// One step, for the log: crash tests kill at these.
fn step(number: &mut u32, what: &str) {
    *number += 1;
    tracing::debug!(target: "tfmend::emergency::step", step = *number, "{what}");
}

/// Does `action` at `scene`, if `approval` allows exactly that. The only function that changes a resource of a cloud.
///
/// Started again after it was killed, it does what is left. What is done already is not done twice.
///
/// # Errors
/// Says what state the cloud is in and what to do next; the journal says the same.
pub fn execute(
    action: &LiveAction,
    approval: &Approval,
    scene: &Scene<'_>,
    record: &mut Recorder<'_>,
) -> Result<Receipt, EmergencyError> {
    let mut number = 0;
    let hash = plan::hash(action, scene.place());
    approval.allows(&hash, record.now())?;
    action
        .sound()
        .map_err(|why| EmergencyError::Unsound { why })?;
    let found = action.observe(scene)?;
    if let Standing::Elsewhere(differences) = action.standing(&found) {
        return Err(EmergencyError::Drifted {
            resource: action.resource().to_owned(),
            differences,
        });
    }
    let mut receipt = record.receipt(action, scene, approval, &found);
    step(&mut number, "before the intent is written");
    record.intended(&receipt)?;
    step(&mut number, "the intent is on the disk");
    if let Err(why) = act(action, scene, &found, record, &mut receipt, &mut number) {
        let now = action.observe(scene);
        return Err(record.failed(&receipt, &why, action, now));
    }
    let after = match verify(action, scene) {
        Ok(after) => after,
        Err(now) => return Err(record.failed(&receipt, &not_verified(action), action, now)),
    };
    step(&mut number, "the new state is verified");
    receipt.after = Some(after.content());
    record.done(&receipt)?;
    step(&mut number, "the receipt is on the disk");
    Ok(receipt)
}

/// Ends an earlier run whose calls were all made: reads back and writes the receipt. Changes nothing in the cloud.
///
/// # Errors
/// When the live state is not as planned, or the journal cannot be written.
pub fn settle(
    begun: &Receipt,
    scene: &Scene<'_>,
    record: &mut Recorder<'_>,
) -> Result<Receipt, EmergencyError> {
    let action = &begun.action;
    let after = verify(action, scene).map_err(|_| not_verified(action))?;
    let receipt = Receipt {
        after: Some(after.content()),
        ..begun.clone()
    };
    record.done(&receipt)?;
    Ok(receipt)
}

/// Sends what is left to be sent, each call recorded before it is made.
fn act(
    action: &LiveAction,
    scene: &Scene<'_>,
    found: &Observed,
    record: &mut Recorder<'_>,
    receipt: &mut Receipt,
    number: &mut u32,
) -> Result<(), EmergencyError> {
    for write in action.writes(found, scene.place()) {
        record.calling(receipt, &write.to_string())?;
        step(number, &format!("before {write}"));
        let made = write.send(scene)?;
        step(number, &format!("after {write}"));
        receipt.sent.push(Sent {
            call: write.to_string(),
            made,
        });
    }
    Ok(())
}

/// Reads back until the cloud is as planned: what was written is not seen everywhere at once. Else what was read last.
fn verify(
    action: &LiveAction,
    scene: &Scene<'_>,
) -> Result<Observed, Result<Observed, CloudError>> {
    let mut pause = FIRST_PAUSE;
    for _ in 1..LOOKS {
        if let Ok(now) = action.observe(scene)
            && action.standing(&now) == Standing::After
        {
            return Ok(now);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    match action.observe(scene) {
        Ok(now) if action.standing(&now) == Standing::After => Ok(now),
        now => Err(now),
    }
}

fn not_verified(action: &LiveAction) -> EmergencyError {
    EmergencyError::NotVerified {
        resource: action.resource().to_owned(),
    }
}
