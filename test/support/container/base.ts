import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** What of this machine's root file system belongs to the operating system. */
const KEPT = [
  'bin',
  'dev',
  'etc',
  'lib',
  'lib32',
  'lib64',
  'libx32',
  'proc',
  'run',
  'sbin',
  'sys',
  'usr',
  'var',
];

/**
 * Shell lines that put a root file system like that of the official Node image at `$base`: Debian, Node and npm under
 * `/usr/local`, and a user `node`. Debian is this machine's own, without what was put beside it, or, for
 * `IMAGE_BASE=debootstrap`, a fresh one.
 */
export function baseScript(): string {
  const npm = path.dirname(
    path.dirname(execFileSync('sh', ['-c', 'realpath "$(command -v npm)"'], { encoding: 'utf8' })),
  );
  return [
    process.env.IMAGE_BASE === 'debootstrap' ? FRESH : OVERLAID,
    'mkdir -p $base/tmp $base/mnt $base/root $base/home $base/opt $base/usr/local/bin $base/usr/local/lib/node_modules',
    `cp -L '${process.execPath}' $base/usr/local/bin/node`,
    `cp -a '${npm}' $base/usr/local/lib/node_modules/npm`,
    'ln -s ../lib/node_modules/npm/bin/npm-cli.js $base/usr/local/bin/npm',
    'chroot $base id node > /dev/null 2>&1 || chroot $base useradd --create-home node',
    'mkdir -p $base/home/node; chown -R $(chroot $base id -u node) $base/home/node',
  ].join('\n');
}

const OVERLAID = `
mkdir $scratch/base-upper $scratch/base-work $base
for name in $(ls /); do
  case ' ${KEPT.join(' ')} ' in *" $name "*) ;; *) mknod $scratch/base-upper/$name c 0 0 ;; esac
done
mkdir -p $scratch/base-upper/usr
mknod $scratch/base-upper/usr/local c 0 0
mount -t overlay overlay -o lowerdir=/,upperdir=$scratch/base-upper,workdir=$scratch/base-work $base
rm -f $base/tmp $base/root $base/home $base/opt
`;

const FRESH = `
debootstrap --variant=minbase --include=ca-certificates bookworm $base
cp -L /etc/resolv.conf $base/etc/resolv.conf
cp -L /etc/ssl/certs/ca-certificates.crt $base/etc/ssl/certs/ca-certificates.crt
`;
