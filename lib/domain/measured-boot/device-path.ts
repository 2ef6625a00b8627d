/** Device paths: where a program came from (UEFI 2.10, chapter 10). */
import { ByteReader, guidOf, hexOf, utf8Of, utf16Of } from "./bytes.ts";

const MAX_NODES = 32;

/** A path in one line, such as `PciRoot/Pci(1f,2)/HD(1)/\EFI\BOOT\BOOTX64.EFI`; `""` when nothing can be read. */
export function devicePathText(bytes: Uint8Array): string {
  const parts: string[] = [];
  const reader = new ByteReader(bytes);
  while (parts.length < MAX_NODES) {
    const type = reader.u8();
    const subtype = reader.u8();
    const size = reader.u16();
    const body = size === null || size < 4 ? null : reader.take(size - 4);
    if (type === null || subtype === null || body === null || type === 0x7f) break;
    parts.push(nodeText(type, subtype, body));
  }
  return parts.join("/");
}

/** The file that a path ends in; `null` = it names none. */
export function fileOfDevicePath(text: string): string | null {
  return /(?:^|\/)(\\[^/]+)$/.exec(text)?.[1] ?? null;
}

function nodeText(type: number, subtype: number, body: Uint8Array): string {
  switch ((type << 8) | subtype) {
    case 0x0101:
      return `Pci(${(body[1] ?? 0).toString(16)},${(body[0] ?? 0).toString(16)})`;
    case 0x0201:
      return "PciRoot";
    case 0x0301:
      return "Ata";
    case 0x0302:
      return "Scsi";
    case 0x0305:
      return "Usb";
    case 0x030b:
      return `Mac(${hexOf(body.subarray(0, 6))})`;
    case 0x0312:
      return "Sata";
    case 0x0317:
      return "Nvme";
    case 0x0318:
      return `Uri(${utf8Of(body)})`;
    case 0x0401:
      return `HD(${new ByteReader(body).u32() ?? 0}${body.length >= 36 ? `,${guidOf(body.subarray(20, 36))}` : ""})`;
    case 0x0404:
      return utf16Of(body)
        .replace(/^(?!\\)/, "\\")
        .replaceAll("/", "\\");
    case 0x0406:
    case 0x0407:
      return `Fv(${body.length >= 16 ? guidOf(body) : ""})`;
    default:
      return `Node(${type},${subtype})`;
  }
}
