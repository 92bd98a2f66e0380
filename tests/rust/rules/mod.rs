mod attention;
mod duration;
mod retention;
mod retry;
