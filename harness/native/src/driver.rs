/*!
The CUDA driver (`libcuda.so.1`) and the management library (`libnvidia-ml.so.1`), looked up at run time: a machine without a GPU has neither.

Signatures: CUDA Driver API and NVML reference manuals. The driver tells total memory without creating a context on the device; free
memory would need one, so that comes from NVML.
*/

use std::ffi::{CStr, c_char, c_int, c_uint, c_ulonglong, c_void};
use std::ptr;

use libloading::os::unix::{Library, RTLD_NOW, Symbol};

use crate::library::loader_message;
use crate::probe::CudaDevice;

/// What the driver says.
#[derive(Debug)]
pub(crate) struct Found {
    pub version: String,
    pub devices: Vec<CudaDevice>,
}

/// Initialises the driver and lists its devices.
pub(crate) fn probe() -> Result<Found, String> {
    let library = open("libcuda.so.1").map_err(|reason| format!("no CUDA driver ({reason}): install the NVIDIA driver, or run where one is"))?;
    let driver = Driver::new(&library).map_err(|symbol| format!("the CUDA driver is too old: it has no {symbol}; install a newer NVIDIA driver"))?;
    driver.initialise()?;
    // The management library is a bonus: without it only free memory and the driver's own version number are unknown.
    let management_library = open("libnvidia-ml.so.1").ok();
    let management = management_library.as_ref().and_then(Management::new);
    let cuda = driver.cuda_version()?;
    let version = match management.as_ref().and_then(Management::driver_version) {
        Some(version) => format!("{version} ({cuda})"),
        None => cuda,
    };
    let count = driver.device_count()?;
    let devices = (0..count).map(|index| driver.device(index, management.as_ref())).collect::<Result<_, _>>()?;
    Ok(Found { version, devices })
}

fn open(name: &str) -> Result<Library, String> {
    // SAFETY: the vendor's libraries; their initialisers prepare their own state only.
    unsafe { Library::open(Some(name), RTLD_NOW) }.map_err(|error| loader_message(&error))
}

/// `CUresult`; 0 is success.
type Status = c_int;
/// `CUdevice`.
type DeviceHandle = c_int;

struct Driver {
    init: Symbol<unsafe extern "C" fn(c_uint) -> Status>,
    driver_version: Symbol<unsafe extern "C" fn(*mut c_int) -> Status>,
    device_count: Symbol<unsafe extern "C" fn(*mut c_int) -> Status>,
    device_get: Symbol<unsafe extern "C" fn(*mut DeviceHandle, c_int) -> Status>,
    device_name: Symbol<unsafe extern "C" fn(*mut c_char, c_int, DeviceHandle) -> Status>,
    device_memory: Symbol<unsafe extern "C" fn(*mut usize, DeviceHandle) -> Status>,
    device_bus: Symbol<unsafe extern "C" fn(*mut c_char, c_int, DeviceHandle) -> Status>,
    error_text: Symbol<unsafe extern "C" fn(Status, *mut *const c_char) -> Status>,
}

impl Driver {
    /// Fails with the name of the first symbol that is missing. The caller keeps `library` open for as long as the driver is used.
    fn new(library: &Library) -> Result<Self, &'static str> {
        // SAFETY: names and signatures are those of the CUDA Driver API.
        unsafe {
            Ok(Self {
                init: symbol(library, "cuInit")?,
                driver_version: symbol(library, "cuDriverGetVersion")?,
                device_count: symbol(library, "cuDeviceGetCount")?,
                device_get: symbol(library, "cuDeviceGet")?,
                device_name: symbol(library, "cuDeviceGetName")?,
                device_memory: symbol(library, "cuDeviceTotalMem_v2")?,
                device_bus: symbol(library, "cuDeviceGetPCIBusId")?,
                error_text: symbol(library, "cuGetErrorString")?,
            })
        }
    }

    fn initialise(&self) -> Result<(), String> {
        // SAFETY: the API asks for zero flags.
        let status = unsafe { (self.init)(0) };
        self.check(status).map_err(|reason| format!("no usable CUDA driver (cuInit: {reason}); see `nvidia-smi` and CUDA_VISIBLE_DEVICES"))
    }

    /// The newest CUDA that the driver supports, e.g. `CUDA 13.0`.
    fn cuda_version(&self) -> Result<String, String> {
        let mut version = 0;
        // SAFETY: writes one int.
        let status = unsafe { (self.driver_version)(&mut version) };
        self.check(status).map_err(|reason| format!("the CUDA driver does not tell its version ({reason})"))?;
        Ok(format!("CUDA {}.{}", version / 1000, version % 1000 / 10))
    }

    fn device_count(&self) -> Result<usize, String> {
        let mut count = 0;
        // SAFETY: writes one int.
        let status = unsafe { (self.device_count)(&mut count) };
        self.check(status).map_err(|reason| format!("the CUDA driver does not count its devices ({reason})"))?;
        usize::try_from(count).map_err(|_| format!("the CUDA driver counts {count} devices"))
    }

    fn device(&self, index: usize, management: Option<&Management>) -> Result<CudaDevice, String> {
        let failed = |reason: String| format!("the CUDA driver does not describe device {index} ({reason})");
        let ordinal = c_int::try_from(index).map_err(|_| failed("index out of range".to_owned()))?;
        let mut handle = 0;
        let mut total = 0_usize;
        let mut name = [0; 256];
        let mut bus = [0; 32];
        // SAFETY: each call writes one value, or at most as many characters as the buffer it is given has.
        unsafe {
            self.check((self.device_get)(&mut handle, ordinal)).map_err(failed)?;
            self.check((self.device_memory)(&mut total, handle)).map_err(failed)?;
            self.check((self.device_name)(name.as_mut_ptr(), 256, handle)).map_err(failed)?;
            self.check((self.device_bus)(bus.as_mut_ptr(), 32, handle)).map_err(failed)?;
        }
        let total_bytes = total as u64;
        // A MIG slice shares its bus address with the whole GPU: a free amount above its total is not its own.
        let free_bytes = management.and_then(|management| management.free_bytes(&bus)).filter(|free| *free <= total_bytes);
        Ok(CudaDevice { index, name: text(&name), total_bytes, free_bytes })
    }

    fn check(&self, status: Status) -> Result<(), String> {
        if status == 0 {
            return Ok(());
        }
        let mut message = ptr::null();
        // SAFETY: writes a pointer to a static text, or null for a status that it does not know.
        let told = unsafe { (self.error_text)(status, &mut message) };
        if told != 0 || message.is_null() {
            return Err(format!("error {status}"));
        }
        // SAFETY: not null, so a static null-terminated text.
        Err(format!("error {status}: {}", unsafe { CStr::from_ptr(message) }.to_string_lossy()))
    }
}

/// `nvmlMemory_t`, in bytes.
#[repr(C)]
#[derive(Default)]
struct Memory {
    total: c_ulonglong,
    free: c_ulonglong,
    used: c_ulonglong,
}

/// `nvmlReturn_t`; 0 is success.
type ManagementStatus = c_int;

struct Management {
    driver_version: Symbol<unsafe extern "C" fn(*mut c_char, c_uint) -> ManagementStatus>,
    device_by_bus: Symbol<unsafe extern "C" fn(*const c_char, *mut *mut c_void) -> ManagementStatus>,
    memory: Symbol<unsafe extern "C" fn(*mut c_void, *mut Memory) -> ManagementStatus>,
}

impl Management {
    /// The caller keeps `library` open for as long as this is used.
    fn new(library: &Library) -> Option<Self> {
        // SAFETY: names and signatures are those of NVML.
        unsafe {
            let init: Symbol<unsafe extern "C" fn() -> ManagementStatus> = symbol(library, "nvmlInit_v2").ok()?;
            let management = Self {
                driver_version: symbol(library, "nvmlSystemGetDriverVersion").ok()?,
                device_by_bus: symbol(library, "nvmlDeviceGetHandleByPciBusId_v2").ok()?,
                memory: symbol(library, "nvmlDeviceGetMemoryInfo").ok()?,
            };
            (init() == 0).then_some(management)
        }
    }

    fn driver_version(&self) -> Option<String> {
        let mut version = [0; 96];
        // SAFETY: writes at most 96 characters.
        let status = unsafe { (self.driver_version)(version.as_mut_ptr(), 96) };
        (status == 0).then(|| text(&version))
    }

    fn free_bytes(&self, bus: &[c_char; 32]) -> Option<u64> {
        let mut handle = ptr::null_mut();
        let mut memory = Memory::default();
        // SAFETY: `bus` is null-terminated (the driver wrote it); each call writes one value.
        unsafe { ((self.device_by_bus)(bus.as_ptr(), &mut handle) == 0 && (self.memory)(handle, &mut memory) == 0).then_some(memory.free) }
    }
}

/// # Safety
/// `T` is the signature of the function `name`, and `library` outlives its use.
unsafe fn symbol<T>(library: &Library, name: &'static str) -> Result<Symbol<T>, &'static str> {
    // SAFETY: by the caller's promise.
    unsafe { library.get(name.as_bytes()) }.map_err(|_| name)
}

/// The characters before the first null.
fn text(buffer: &[c_char]) -> String {
    let bytes: Vec<u8> = buffer.iter().take_while(|character| **character != 0).map(|character| character.to_ne_bytes()[0]).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
