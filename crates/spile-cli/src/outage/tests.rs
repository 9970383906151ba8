//! When an outage is told.

use std::time::Duration;

use tokio::time::advance;

use super::Outage;

#[tokio::test(start_paused = true)]
async fn a_short_outage_is_not_told() {
    let mut outage = Outage::default();
    assert!(outage.due().is_none());
    outage.begin("gone".to_owned());
    advance(Duration::from_secs(2)).await;
    outage.begin("still gone".to_owned());
    assert_eq!(outage.tell(), None);
    assert!(!outage.end());
    assert!(outage.due().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_long_outage_is_told_once_with_its_last_cause() {
    let mut outage = Outage::default();
    outage.begin("gone".to_owned());
    let due = outage.due();
    advance(Duration::from_secs(2)).await;
    outage.begin("refused".to_owned());
    assert_eq!(outage.due(), due, "another attempt does not put it off");
    advance(Duration::from_secs(1)).await;
    assert_eq!(outage.tell(), Some("refused"));
    assert_eq!(outage.tell(), None);
    assert!(outage.due().is_none());
    assert!(outage.end(), "who was told that it is away is told that it is back");
}
