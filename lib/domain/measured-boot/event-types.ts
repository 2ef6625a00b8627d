/** Names of event types (TCG PC Client Platform Firmware Profile, section 10.4.1). */

export const EV = {
  SEPARATOR: 0x04,
  NO_ACTION: 0x03,
  ACTION: 0x05,
  EVENT_TAG: 0x06,
  S_CRTM_VERSION: 0x08,
  IPL: 0x0d,
  COMPACT_HASH: 0x0c,
  EFI_VARIABLE_DRIVER_CONFIG: 0x80000001,
  EFI_VARIABLE_BOOT: 0x80000002,
  EFI_BOOT_SERVICES_APPLICATION: 0x80000003,
  EFI_BOOT_SERVICES_DRIVER: 0x80000004,
  EFI_RUNTIME_SERVICES_DRIVER: 0x80000005,
  EFI_GPT_EVENT: 0x80000006,
  EFI_ACTION: 0x80000007,
  EFI_PLATFORM_FIRMWARE_BLOB: 0x80000008,
  EFI_HANDOFF_TABLES: 0x80000009,
  EFI_PLATFORM_FIRMWARE_BLOB2: 0x8000000a,
  EFI_HANDOFF_TABLES2: 0x8000000b,
  EFI_VARIABLE_BOOT2: 0x8000000c,
  EFI_GPT_EVENT2: 0x8000000d,
  EFI_HCRTM_EVENT: 0x80000010,
  EFI_VARIABLE_AUTHORITY: 0x800000e0,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, "EV_PREBOOT_CERT"],
  [0x01, "EV_POST_CODE"],
  [0x02, "EV_UNUSED"],
  [0x07, "EV_S_CRTM_CONTENTS"],
  [0x09, "EV_CPU_MICROCODE"],
  [0x0a, "EV_PLATFORM_CONFIG_FLAGS"],
  [0x0b, "EV_TABLE_OF_DEVICES"],
  [0x0e, "EV_IPL_PARTITION_DATA"],
  [0x0f, "EV_NONHOST_CODE"],
  [0x10, "EV_NONHOST_CONFIG"],
  [0x11, "EV_NONHOST_INFO"],
  [0x12, "EV_OMIT_BOOT_DEVICE_EVENTS"],
  [0x13, "EV_POST_CODE2"],
  [0x800000e1, "EV_EFI_SPDM_FIRMWARE_BLOB"],
  [0x800000e2, "EV_EFI_SPDM_FIRMWARE_CONFIG"],
  [0x800000e3, "EV_EFI_SPDM_DEVICE_POLICY"],
  [0x800000e4, "EV_EFI_SPDM_DEVICE_AUTHORITY"],
  ...Object.entries(EV).map(([name, type]) => [type, `EV_${name}`] as const),
]);

const NUMBERS: ReadonlyMap<string, number> = new Map([...NAMES].map(([type, name]) => [name, type]));

export function eventTypeName(type: number): string {
  return NAMES.get(type) ?? `0x${type.toString(16).padStart(8, "0")}`;
}

/** @returns `null` for a name that is not known here */
export function eventTypeByName(name: string): number | null {
  const number = /^0x[0-9a-f]{1,8}$/i.test(name) ? Number(name) : undefined;
  return NUMBERS.get(name) ?? number ?? null;
}
