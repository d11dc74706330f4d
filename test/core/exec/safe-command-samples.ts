/** What the reference does under `approval_policy = "untrusted"`; one command per line, words split at spaces. */
const RUNS = `
ls
ls -la src
ls --foo >x
cat
cat /etc/hostname
cat --output=x
cd /
cd -x y
echo hi
echo $HOME $(pwd) \`id\` > x
false
false --output=x
grep -rn x src
grep --output=x
head -n1 /etc/hosts
nl /etc/hosts
pwd
pwd -P
tail -f x
true
true --version
wc -l /etc/hosts
wc --files0-from=x
which ls
which -a node npm
git status
git status -sb --porcelain
git diff
git diff --text HEAD~1 -- src
git diff --output-indicator-new=x
git diff --no-ext-diff --no-textconv
git log
git log --oneline --graph -n 5
git log --format=%h --diff-merges=first-parent
git show HEAD:file
git show --stat
git branch
git branch -avv
git branch --show-current
git branch --list feature/x
git branch -rl x
git branch --contains HEAD x
git branch --no-merged main
git branch --merged
git branch --sort=-committerdate --format=%(refname:short)
git branch --sort -committerdate --points-at HEAD x
git branch --no-color --column=always --abbrev=4
git branch --help
cargo check
cargo check --workspace --all-targets
rg
rg x --files
rg -n foo src
rg --pre-glob x y
rg --pre-glob=x y
rg --prefoo y
rg --pr y
rg -ez
rg -A2z -gz
rg --no-search-zip x
rg --no-pre
find
find . -name x
find -L . ( -name a -o -name b )
find . -printf %p
find . -print0
find . -ls
find . -files0-from x
find . -exec=
find . -Exec
find . -fprintx
sed -n 1p f
sed -n 1,200p f
sed -n 01p f
sed -n 0p f
sed -n 2,1p f
sed -n 99999999999999999999999p f
sed -n 1p -
`;

const ASKS = `
LS
/bin/ls
./ls
/usr/bin/git status
git
git STATUS
git push
git commit -m x
git add .
git checkout x
git stash list
git blame x
git rev-parse HEAD
git ls-files
git grep x
git remote -v
git -C . status
git --no-pager log
git -c a=b log
git --exec-path=x log
cargo
cargo build
cargo test
cargo clippy
cargo --version
cargo +nightly check
rg --pre x y
rg --pre=x y
rg -- --pre x
rg -z x
rg -e -z
rg --search-zip x
rg --hostname-bin x y
rg --hostname-bin=x y
find . -exec
find . -execdir
find . -ok
find . -okdir
find . -delete
find . -fls
find . -fprint
find . -fprint0
find . -fprintf
find . -name -delete
sed
sed f
sed -n
sed -n 1p
sed -n 1p f g
sed -n p f
sed -n 1,p f
sed -n ,2p f
sed -n 1,$p f
sed -n $p f
sed -n 1q f
sed -n 1d f
sed -n 1pp f
sed -n 1P f
sed -n 1;2p f
sed -n 1,2,3p f
sed -n 1,+2p f
sed -n 1~2p f
sed -n -1p f
sed -n ١p f
sed -ne 1p f
sed --quiet 1p f
sed 1p f
sed -i s/a/b/ q
rm x
touch x
tee x
env
date
sort x
printf x
node -v
test x
[ x ]
sudo ls
xargs ls
time ls
eval ls
exec ls
bash
bash -c ls
bash -lc
bash -l -c ls
bash -cl ls
bash -lic ls
bash -lc -- ls
bash -lc ls x
bash -lc ls && pwd
sh -lc ls
zsh -lc ls
/bin/bash -lc ls
`;

const lines = (table: string) => table.trim().split('\n');
const argvs = (table: string) => lines(table).map((line) => line.split(' '));

export const RUNNING_COMMANDS: readonly string[][] = [...argvs(RUNS), ['ls', '']];

export const ASKING_COMMANDS: readonly string[][] = [
  ...argvs(ASKS),
  [],
  [''],
  ['', ''],
  ['ls '],
  ['git', ''],
  ['sed', '-n', '1p', ''],
  ['sed', '-n', ' 1p', 'f'],
  ['sed', '-n', '1p ', 'f'],
  ['sed', '-n', '1p\n', 'f'],
  ['bash', '-lc', 'ls', ''],
];

/** Scripts that the reference runs as `bash -lc SCRIPT`. */
export const RUNNING_SCRIPTS = [
  ...lines(`
ls
ls;
ls && pwd
ls||pwd
ls|wc
ls ; pwd
ls *
ls *.ts ?
ls ~/x
ls 'a b' "c d" e\\ f
ls ''
rg foo src/*.ts
git diff -- *.ts
git diff src/*
git branch --list feature/*
find . -name *.ts
find . -name "*.ts" -type f | head
find . -name \\*.ts
find . \\( -name a \\)
find src/* -type d
sed -n "1p" f
sed -n '1,2p' src/*
cat a | grep b | wc -l
cat f | sed -n 1,5p f
cd /x && ls
cd x; git status
true && echo "a\\"b"
echo '$HOME'
echo "a\\nb"
grep "\\$x" y
grep 'a$' x
rg -n "foo|bar" src
rg -n foo\\|bar
rg -g '*.ts' foo
git log --format=%h
git log HEAD~3..HEAD
git show HEAD^
git show "HEAD@{1}"
echo a#b a=b !x %
echo 日本 "é"
echo { } 5
cargo check`),
  'ls\n',
  '\nls',
  ' ls ',
  'ls\npwd',
  'ls &&\n\npwd',
  'ls ;\n',
  'ls \\\n -la',
  "echo 'a\nb'",
];

export const ASKING_SCRIPTS = [
  ...lines(`
ls & pwd
ls &
ls |& wc
ls > x
ls >> x
ls < x
ls 2>&1
ls 2>/dev/null
ls &> x
cat <<< x
echo $HOME
echo "$HOME"
echo \${x}
echo $((1))
echo $'x'
echo $(ls)
echo "$(ls)"
echo \`ls\`
echo <(ls)
(ls)
{ ls; }
! ls
ls # c
A=1 ls
A=1
export A=1
ls [ab]
ls {a,b}
l*
\\ls
l\\s
"ls"
'ls'
ls "a"b
ls ""
git log --format="%h %s"
git stat\\us
git show HEAD@{1}
sed -n 1\\,2p f
ls -la | sed -n 1,5p
find . "-delete"
find . '-delete'
rg "--pre" x
bash -lc ls
bash -lc 'ls && pwd'
eval ls
command ls
time ls
if true; then ls; fi
for i in a; do ls; done
f() { ls; }
[ -f x ]
[[ -f x ]]
echo == x
ls; ; pwd
; ls
ls &&
ls |
ls '
ls "
ls; rm x
rm x || ls
ls | xargs rm
ls | tee x
ls | sort
/bin/ls`),
  '',
  '# c\nls',
  'cat <<E\nx\nE',
  'echo "a\nb"',
  'ls\0',
  '\u00a0ls',
];
