use crate::scalar::{Kernel, Site};
pub(crate) fn prepare_printf(site: &Site) -> flitz_dataflow::Result<Kernel> {
    Err(flitz_dataflow::Error::unsupported(format!("function {}", site.name)))
}
