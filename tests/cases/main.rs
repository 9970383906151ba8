//! Spile as its users meet it: real programs, real sockets, real disks.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod administering;
mod article;
mod cold;
mod command_line;
mod counting;
mod explore;
mod followed_files;
mod follows;
mod full_disk;
mod http_doors;
mod kill;
mod lag;
mod orders;
mod otlp;
mod support;
mod tail;
mod with_nginx;
mod with_postgres;
mod with_rsyslog;
mod with_tmux;
mod writing;
