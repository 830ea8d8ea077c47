autocmd BufNewFile,BufRead *.kcql setfiletype kcql
