" Vim syntax file
" Language:	KCQL as headrace reads it, kcql(7)

if exists("b:current_syntax")
  finish
endif

syntax case ignore

" A word ends at a blank, a quote or one of ; , ( ) = and does not end at - / or #.
syntax iskeyword @,33,35-38,42-43,45-58,60,62-95,123-126,128-255

syntax keyword kcqlStatement	INSERT UPSERT INTO SELECT FROM AS
syntax keyword kcqlClause	IGNORE WITHSTRUCTURE WITHTIMESTAMP TIMESTAMPUNIT WITHTAG
syntax keyword kcqlClause	WITHCONVERTER WITHKEY KEYDELIMITER WITHREGEX PROPERTIES
syntax keyword kcqlUnit		NANOSECONDS MICROSECONDS MILLISECONDS SECONDS MINUTES HOURS DAYS
syntax keyword kcqlFunction	sys_time

" Clauses of other connectors and of old versions: headrace refuses them.  In upper
" case only, for a field may be called batch or ttl.
syntax case match
syntax keyword kcqlRefused	PK AUTOCREATE AUTOEVOLVE BATCH PARTITIONBY NOPARTITION STOREAS
syntax keyword kcqlRefused	WITHTARGET WITHDOCTYPE WITHINDEXSUFFIX TTL WITHPIPELINE LIMIT
syntax keyword kcqlRefused	WITHFORMAT WITHUNWRAP INCREMENTALMODE WITHTYPE WITHJMSSELECTOR
syntax keyword kcqlRefused	WITHSUBSCRIPTION CAPITALIZE INITIALIZE PROJECTTO DISTRIBUTEBY
syntax keyword kcqlRefused	CLUSTERBY WITHGROUP WITHOFFSET SAMPLE WITHCOMPRESSION
syntax keyword kcqlRefused	WITHPARTITIONER WITHDELAY WHERE
syntax case ignore

" Properties of the message.
syntax match kcqlMetadata	/\%(^\|[ \t,(]\)\@1<=_\s*\.\s*\%(topic\%(\s*\.\s*\d\+\)\=\|timestamp\|qos\|id\|retained\|dup\)\k\@!/
syntax match kcqlMetadata	/\%(^\|[ \t,(]\)\@1<=_value\k\@!/
syntax match kcqlMetadata	/\%(^\|[ \t,(]\)\@1<=_value\.\@=/

" Within backticks lines may end; there are no escapes.
syntax region kcqlQuoted	start=/`/ end=/`/
syntax region kcqlQuoted	start=/'/ end=/'/ oneline
syntax region kcqlQuoted	start=/"/ end=/"/ oneline
syntax match kcqlIllegal	/[‘-‟]/

syntax match kcqlSeparator	/;/
syntax match kcqlStar		/\%(^\|[ \t,.]\)\@1<=\*/
syntax match kcqlComment	/\%(^\|[ \t;]\)\@1<=--.*$/ contains=kcqlTodo
syntax keyword kcqlTodo		contained TODO FIXME XXX

highlight default link kcqlStatement	Statement
highlight default link kcqlClause	Keyword
highlight default link kcqlUnit		Constant
highlight default link kcqlFunction	Function
highlight default link kcqlRefused	Error
highlight default link kcqlMetadata	Identifier
highlight default link kcqlQuoted	String
highlight default link kcqlIllegal	Error
highlight default link kcqlSeparator	Delimiter
highlight default link kcqlStar		Special
highlight default link kcqlComment	Comment
highlight default link kcqlTodo		Todo

let b:current_syntax = "kcql"
