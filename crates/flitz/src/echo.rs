//! `^C` on the screen would break the line that a progress bar redraws: while this lives the terminal shows no control
//! characters that are typed.

pub struct NoControlEcho(#[cfg(unix)] Option<libc::termios>);

impl NoControlEcho {
    #[cfg(unix)]
    pub fn new() -> NoControlEcho {
        let mut settings = std::mem::MaybeUninit::<libc::termios>::uninit();
        // SAFETY: the pointer is to memory of the right size, which is read only if the call has filled it.
        let before = unsafe {
            match libc::tcgetattr(libc::STDIN_FILENO, settings.as_mut_ptr()) {
                0 => settings.assume_init(),
                // Standard input is no terminal.
                _ => return NoControlEcho(None),
            }
        };
        let quiet = libc::termios { c_lflag: before.c_lflag & !libc::ECHOCTL, ..before };
        set(&quiet);
        NoControlEcho(Some(before))
    }

    #[cfg(not(unix))]
    pub fn new() -> NoControlEcho {
        NoControlEcho()
    }
}

#[cfg(unix)]
impl Drop for NoControlEcho {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            set(before);
        }
    }
}

#[cfg(unix)]
fn set(settings: &libc::termios) {
    // SAFETY: the settings came from tcgetattr. A terminal that refuses them stays as it is. From the background the
    // call would stop the process.
    unsafe {
        if libc::tcgetpgrp(libc::STDIN_FILENO) == libc::getpgrp() {
            libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, settings);
        }
    }
}
