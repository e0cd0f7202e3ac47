//! The box that binds a metric, drawn.
