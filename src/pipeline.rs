//! The spine: findings → outcomes → change sets → steps.
